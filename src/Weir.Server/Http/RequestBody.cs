using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
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

    // Of the budget: the first, and those by which a body of unknown length has grown.
    private IDisposable? _share;
    private List<IDisposable>? _moreShares;

    private readonly HttpContext _http;
    private readonly ByteBudget _budget;

    private RequestBody(HttpContext http, ByteBudget budget) => (_http, _budget) = (http, budget);

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Whether it is all there.</summary>
    public BodyStatus Status { get; private set; } = BodyStatus.Complete;

    /// <summary>Reads a body of at most <paramref name="maxBytes"/>.</summary>
    /// <exception cref="OperationCanceledException">The client has gone while its body waited for room.</exception>
    /// <exception cref="IOException">The client has gone in the middle of its body.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int maxBytes, ByteBudget budget)
    {
        var body = new RequestBody(request.HttpContext, budget);
        try
        {
            if (request.ContentLength is { } length)
                await body.ReadKnownAsync(request.BodyReader, length, maxBytes).ConfigureAwait(false);
            else
                await body.ReadUnknownAsync(request.BodyReader, maxBytes).ConfigureAwait(false);
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
        _share?.Dispose();
        _share = null;
        foreach (var share in _moreShares ?? [])
            share.Dispose();
        _moreShares = null;
    }

    // Kestrel ends the reader of a client that has gone: reading needs no token, and making one would cost each request.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadKnownAsync(PipeReader reader, long length, int maxBytes)
    {
        if (length > maxBytes)
        {
            Status = BodyStatus.TooLarge;
            return;
        }

        if (length == 0)
            return;
        var room = BufferPool.LengthFor((int)length);
        if (!(TryTake(room) || await TakeAsync(room).ConfigureAwait(false)))
            return;
        _buffer = BufferPool.Shared.Rent((int)length);
        while (true)
        {
            var result = await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            // Kestrel never gives more than Content-Length promised.
            result.Buffer.CopyTo(_buffer.AsSpan(_length));
            _length += (int)result.Buffer.Length;
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return;
        }
    }

    private async ValueTask ReadUnknownAsync(PipeReader reader, int maxBytes)
    {
        while (true)
        {
            var result = await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            var needed = _length + result.Buffer.Length;
            if (needed > maxBytes)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                Status = BodyStatus.TooLarge;
                return;
            }

            if (needed > 0 && !await GrowAsync((int)needed, maxBytes).ConfigureAwait(false))
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

    private async ValueTask<bool> GrowAsync(int needed, int maxBytes)
    {
        var room = _buffer?.Length ?? 0;
        if (needed <= room)
            return true;
        // Never more than the largest body has: the smallest budget has room for one of those.
        var size = BufferPool.LengthFor(Math.Min(Math.Max(Math.Max(needed, room * 2), FirstChunkedBytes), maxBytes));
        if (!TryTake(size - room) && !await TakeAsync(size - room).ConfigureAwait(false))
            return false;
        var larger = BufferPool.Shared.Rent(size);
        Bytes.CopyTo(larger);
        var old = _buffer;
        _buffer = larger;
        if (old is not null)
            BufferPool.Shared.Return(old);
        return true;
    }

    private bool TryTake(int bytes) => Keep(_budget.TryTake(bytes));

    private async ValueTask<bool> TakeAsync(int bytes)
    {
        if (Keep(await _budget.TakeAsync(bytes, _http.RequestAborted).ConfigureAwait(false)))
            return true;
        Status = BodyStatus.Overloaded;
        return false;
    }

    private bool Keep(IDisposable? share)
    {
        if (share is null)
            return false;
        if (_share is null)
            _share = share;
        else
            (_moreShares ??= []).Add(share);
        return true;
    }
}
