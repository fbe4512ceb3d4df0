using System.Net.Sockets;

namespace Weir.Cli.Bench.CatchUp;

/// <summary>What a page's end said.</summary>
/// <param name="NextIterator">Where reading goes on; null at the end of a closed shard.</param>
/// <param name="AtTip">Whether there is nothing behind it.</param>
/// <param name="Records">Its records, where they were counted.</param>
/// <param name="BodyBytes">Length of the answer's body.</param>
internal readonly record struct PageEnd(string? NextIterator, bool AtTip, int Records, long BodyBytes);

/// <summary>
/// One connection that asks for pages one after the other and reads only their ends. The bytes pass through one small buffer, so that the
/// reader takes little from the cores that it shares with the server.
/// </summary>
internal sealed class PageConnection : IDisposable
{
    // Stays in the second-level cache, and is some ten calls for a page.
    private const int WindowBytes = 512 * 1024;

    // Behind the records come the iterator and a few numbers; this is several times their length.
    private const int EndBytes = 8 * 1024;

    // Each record has one, in either encoding.
    private static readonly byte[] RecordMark = "SequenceNumber"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _window = new byte[EndBytes + WindowBytes];

    // Bytes of the body at the window's start: at least its last ones.
    private int _kept;

    /// <summary>Connects.</summary>
    /// <exception cref="CommandFailure">The server cannot be reached.</exception>
    public static async Task<PageConnection> OpenAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        var connection = new PageConnection();
        try
        {
            await connection._socket.ConnectAsync(endpoint.DnsSafeHost, endpoint.Port, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (SocketException exception)
        {
            connection.Dispose();
            throw new CommandFailure($"Cannot reach {Connection.Name(endpoint)}: {exception.Message}.", exception);
        }
    }

    /// <summary>Asks for a page.</summary>
    /// <param name="request">The whole request. Borrowed.</param>
    /// <param name="count">Whether to count the page's records, which looks at every byte.</param>
    /// <param name="cancellationToken">Ends the exchange; the connection is then of no more use.</param>
    /// <exception cref="CommandFailure">The server refused.</exception>
    /// <exception cref="IOException">The connection broke, or the answer is none that we understand.</exception>
    public async ValueTask<PageEnd> ExchangeAsync(ReadOnlyMemory<byte> request, bool count, CancellationToken cancellationToken)
    {
        while (!request.IsEmpty)
            request = request[await _socket.SendAsync(request, cancellationToken).ConfigureAwait(false)..];
        _kept = 0;
        var (status, body, fresh) = await ReceiveHeadAsync(cancellationToken).ConfigureAwait(false);
        var (length, records) = (0L, 0);
        while (true)
        {
            var taken = body.Take(_window.AsSpan(_kept, fresh));
            if (count)
                records += CountMarks(taken);
            _kept += taken;
            length += taken;
            if (body.IsComplete)
                return End(status, records, length);
            MakeRoom();
            fresh = await ReceiveAsync(_kept, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();

    private PageEnd End(int status, int records, long length)
    {
        var end = _window.AsSpan(0, _kept);
        if (status != 200)
            throw new CommandFailure($"GetRecords was refused with {LoadAnswer.ErrorOf(status, end)}: the server must run with --limits off.");
        var next = WireMembers.Text(WireMembers.BehindLast(end, "NextShardIterator"u8));
        var behind = WireMembers.Number(WireMembers.BehindLast(end, "MillisBehindLatest"u8));
        return new PageEnd(next, behind is null or 0, records, length);
    }

    // Leaves what came behind the head at the window's start.
    private async ValueTask<(int Status, BodyBytes Body, int Fresh)> ReceiveHeadAsync(CancellationToken cancellationToken)
    {
        for (var received = 0; received < EndBytes;)
        {
            received += await ReceiveAsync(received, cancellationToken).ConfigureAwait(false);
            var head = _window.AsSpan(0, received).IndexOf("\r\n\r\n"u8) + 4;
            if (head < 4)
                continue;
            var (status, body) = (LoadAnswer.StatusOf(_window), BodyBytes.After(_window.AsSpan(0, head)));
            _window.AsSpan(head, received - head).CopyTo(_window);
            return (status, body, received - head);
        }

        throw new IOException("An answer whose head has no end.");
    }

    private async ValueTask<int> ReceiveAsync(int at, CancellationToken cancellationToken)
    {
        var read = await _socket.ReceiveAsync(_window.AsMemory(at), cancellationToken).ConfigureAwait(false);
        return read > 0 ? read : throw new IOException("The server closed the connection.");
    }

    // A mark may begin in what was kept, never end there: it was counted then.
    private int CountMarks(int taken)
    {
        var begin = Math.Max(0, _kept - (RecordMark.Length - 1));
        return _window.AsSpan(begin, _kept + taken - begin).Count(RecordMark);
    }

    private void MakeRoom()
    {
        if (_kept <= EndBytes)
            return;
        _window.AsSpan(_kept - EndBytes, EndBytes).CopyTo(_window);
        _kept = EndBytes;
    }
}
