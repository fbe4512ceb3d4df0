using System.Buffers;
using Weir.Protocol.EventStream;

namespace Weir.Client.Subscriptions;

/// <summary>Reads an answer message by message, and no further than its caller asks: what is not read slows the server down.</summary>
/// <remarks>Not thread-safe. Pooled memory; dispose after the last message.</remarks>
internal sealed class EventStreamReader(Stream stream) : IDisposable
{
    private const int FirstBytes = 16 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _start;
    private int _end;

    /// <summary>The next message, or null at the end of the answer.</summary>
    /// <returns>Its payload is lent until the next call.</returns>
    /// <exception cref="InvalidDataException">The bytes are no messages.</exception>
    /// <exception cref="IOException">The connection broke, or the answer ended inside a message.</exception>
    public async ValueTask<EventStreamMessage?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (EventStreamFrame.TryRead(_buffer.AsMemory(_start, _end - _start), out var message, out var needed))
            {
                case EventStreamStatus.Complete:
                    _start += needed;
                    return message;
                case EventStreamStatus.Damaged:
                    throw new InvalidDataException("The event stream is damaged: a checksum does not match.");
                default:
                    MakeRoom(needed);
                    break;
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return _start == _end ? null : throw new EndOfStreamException("The event stream ended inside a message.");
            _end += read;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        (_start, _end) = (0, 0);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    // The message that has begun moves to the front, of a larger buffer when it does not fit.
    private void MakeRoom(int needed)
    {
        var rest = _buffer.AsSpan(_start, _end - _start);
        if (needed <= _buffer.Length)
        {
            rest.CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(needed);
            rest.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        (_start, _end) = (0, rest.Length);
    }
}
