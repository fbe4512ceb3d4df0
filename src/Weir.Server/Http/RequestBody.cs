using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Weir.Model;

namespace Weir.Server.Http;

/// <summary>How reading a body ended.</summary>
internal enum BodyStatus
{
    /// <summary>The whole body is there.</summary>
    Complete,

    /// <summary>It is longer than it may be; the rest was not read.</summary>
    TooLarge,

    /// <summary>The server holds as many bytes as it may and none became free in time.</summary>
    Overloaded,
}

/// <summary>A request's body in one pooled buffer. Dispose after the last use of <see cref="Bytes"/>.</summary>
/// <remarks>One copy, from Kestrel's pipe. The budget is asked before a byte is read, so that a busy server slows its senders.</remarks>
internal sealed class RequestBody : IDisposable
{
    // First room for a body of unknown length (chunked); grows as bytes come.
    private const int FirstChunkedBytes = 16 * 1024;

    private byte[]? _buffer;
    private int _length;
    private readonly List<IDisposable> _shares = new(1);

    private RequestBody()
    {
    }

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Whether it is all there.</summary>
    public BodyStatus Status { get; private set; } = BodyStatus.Complete;

    /// <summary>Reads a body of at most <paramref name="maxBytes"/>.</summary>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int maxBytes, ByteBudget budget, CancellationToken cancellationToken)
    {
        var body = new RequestBody();
        try
        {
            if (request.ContentLength is { } length)
                await body.ReadKnownAsync(request.BodyReader, length, maxBytes, budget, cancellationToken).ConfigureAwait(false);
            else
                await body.ReadUnknownAsync(request.BodyReader, maxBytes, budget, cancellationToken).ConfigureAwait(false);
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
        _buffer = null;
        _length = 0;
        if (buffer is not null)
            BufferPool.Shared.Return(buffer);
        foreach (var share in _shares)
            share.Dispose();
        _shares.Clear();
    }

    private async ValueTask ReadKnownAsync(PipeReader reader, long length, int maxBytes, ByteBudget budget, CancellationToken cancellationToken)
    {
        if (length > maxBytes)
        {
            Status = BodyStatus.TooLarge;
            return;
        }

        if (length == 0 || !await TakeAsync(BufferPool.LengthFor((int)length), budget, cancellationToken).ConfigureAwait(false))
            return;
        _buffer = BufferPool.Shared.Rent((int)length);
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            // Kestrel never gives more than Content-Length promised.
            result.Buffer.CopyTo(_buffer.AsSpan(_length));
            _length += (int)result.Buffer.Length;
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return;
        }
    }

    private async ValueTask ReadUnknownAsync(PipeReader reader, int maxBytes, ByteBudget budget, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var needed = _length + result.Buffer.Length;
            if (needed > maxBytes)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                Status = BodyStatus.TooLarge;
                return;
            }

            if (needed > 0 && !await GrowAsync((int)needed, maxBytes, budget, cancellationToken).ConfigureAwait(false))
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                return;
            }

            result.Buffer.CopyTo(_buffer.AsSpan(_length));
            _length = (int)needed;
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return;
        }
    }

    private async ValueTask<bool> GrowAsync(int needed, int maxBytes, ByteBudget budget, CancellationToken cancellationToken)
    {
        var room = _buffer?.Length ?? 0;
        if (needed <= room)
            return true;
        // Never more than the largest body has: the smallest budget has room for one of those.
        var size = BufferPool.LengthFor(Math.Min(Math.Max(Math.Max(needed, room * 2), FirstChunkedBytes), maxBytes));
        if (!await TakeAsync(size - room, budget, cancellationToken).ConfigureAwait(false))
            return false;
        var larger = BufferPool.Shared.Rent(size);
        Bytes.CopyTo(larger);
        var old = _buffer;
        _buffer = larger;
        if (old is not null)
            BufferPool.Shared.Return(old);
        return true;
    }

    private async ValueTask<bool> TakeAsync(int bytes, ByteBudget budget, CancellationToken cancellationToken)
    {
        if (await budget.TakeAsync(bytes, cancellationToken).ConfigureAwait(false) is { } share)
        {
            _shares.Add(share);
            return true;
        }

        Status = BodyStatus.Overloaded;
        return false;
    }
}
