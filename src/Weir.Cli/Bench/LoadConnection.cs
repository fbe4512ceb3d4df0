using System.Buffers.Text;
using System.Net.Sockets;
using Weir.Server;

namespace Weir.Cli.Bench;

/// <summary>One connection with one request under way: just enough HTTP/1.1 to send prepared bytes and to find an answer's end.</summary>
internal sealed class LoadConnection : IDisposable
{
    // Not for the servers that it starts: a yardstick has the settings that everybody has, and Weir makes its own.
    private static bool _ownsPolling;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[16 * 1024];

    /// <summary>Lets the load take less of the processors that it shares with what it measures: answers are read by the thread that polls.</summary>
    /// <remarks>Before the first connection, and only in a process that does nothing else.</remarks>
    public static void PollInPlace(Shell shell) => _ownsPolling |= shell.OwnsProcess && ProcessSockets.CompleteWherePolled();

    /// <summary>Takes out of a child's environment what <see cref="PollInPlace"/> has put into this process's.</summary>
    public static void Restore(IDictionary<string, string?> environment)
    {
        if (_ownsPolling)
            environment.Remove(ProcessSockets.Variable);
    }

    /// <summary>Connects.</summary>
    public static async Task<LoadConnection> OpenAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        var connection = new LoadConnection();
        try
        {
            await connection._socket.ConnectAsync(endpoint.DnsSafeHost, endpoint.Port, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and reads its answer.</summary>
    /// <exception cref="IOException">The connection broke, or the answer is none that we understand.</exception>
    public async ValueTask<LoadAnswer> ExchangeAsync(ReadOnlyMemory<byte> request)
    {
        while (!request.IsEmpty)
            request = request[await _socket.SendAsync(request, SocketFlags.None).ConfigureAwait(false)..];
        var length = 0;
        var total = -1;
        while (total < 0 || length < total)
        {
            if (length == _buffer.Length)
                Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, total));
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(length), SocketFlags.None).ConfigureAwait(false);
            if (read == 0)
                throw new IOException("The server closed the connection.");
            length += read;
            if (total < 0)
                total = TotalLength(_buffer.AsSpan(0, length));
        }

        return LoadAnswer.Read(_buffer.AsSpan(0, total));
    }

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();

    // Of head and body; -1 while the head is not whole.
    private static int TotalLength(ReadOnlySpan<byte> answer)
    {
        var headEnd = answer.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
            return -1;
        var head = answer[..headEnd];
        var header = head.IndexOf("\r\nContent-Length: "u8);
        // Names of headers have no case, and another server may write them as HTTP/2 does.
        if (header < 0)
            header = head.IndexOf("\r\ncontent-length: "u8);
        if (header < 0 || !Utf8Parser.TryParse(head[(header + 18)..], out int length, out _))
            throw new IOException("An answer without Content-Length.");
        return headEnd + 4 + length;
    }
}
