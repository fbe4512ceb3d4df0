using System.Buffers;

namespace Weir.Client.Http;

/// <summary>An answer's bytes in pooled memory. Dispose returns the memory: nothing may still look at <see cref="Span"/> then.</summary>
internal sealed class ResponseBody : IDisposable
{
    // The largest answer is a GetRecords of 10 MiB: 13.4 MiB in base64, and at most as much again in keys, numbers and times.
    private const int MaxBytes = 64 * 1024 * 1024;
    private const int FirstBytes = 4 * 1024;

    private byte[] _buffer;
    private int _length;

    private ResponseBody(int capacity)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    }

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, _length);

    /// <summary>Reads the content to its end.</summary>
    /// <exception cref="IOException">The connection broke, or the content passes every answer that Kinesis gives.</exception>
    public static async Task<ResponseBody> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var announced = content.Headers.ContentLength ?? FirstBytes;
        if (announced > MaxBytes)
            throw TooLarge();
        // One more than announced, so that the read that finds the end has room.
        var body = new ResponseBody((int)Math.Max(announced + 1, FirstBytes));
        try
        {
            await body.FillAsync(content, cancellationToken).ConfigureAwait(false);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private async Task FillAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        while (true)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return;
            _length += read;
            if (_length == _buffer.Length)
                Grow();
        }
    }

    private void Grow()
    {
        if (_length >= MaxBytes)
            throw TooLarge();
        var larger = ArrayPool<byte>.Shared.Rent(_length * 2);
        Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private static IOException TooLarge() => new($"The answer has more than {MaxBytes} bytes.");
}
