using System.Buffers.Text;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Weir.Cli.Bench;

/// <summary>What a request was answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Failed">Entries of a PutRecords that were refused.</param>
/// <param name="Error">The error's name, if it failed.</param>
internal readonly record struct LoadAnswer(int Status, int Failed, string? Error);

/// <summary>One connection with one request under way: just enough HTTP/1.1 to send prepared bytes and to find an answer's end.</summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[16 * 1024];

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

        return Understand(_buffer.AsSpan(0, total));
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
        if (header < 0 || !Utf8Parser.TryParse(head[(header + 18)..], out int length, out _))
            throw new IOException("An answer without Content-Length.");
        return headEnd + 4 + length;
    }

    private static LoadAnswer Understand(ReadOnlySpan<byte> answer)
    {
        if (!Utf8Parser.TryParse(answer[9..], out int status, out _))
            throw new IOException("An answer that is no HTTP.");
        if (status != 200)
            return new LoadAnswer(status, 0, TextAfter(answer, "\"__type\":\""u8) ?? string.Create(CultureInfo.InvariantCulture, $"HTTP {status}"));
        var failed = 0;
        var count = answer.IndexOf("\"FailedRecordCount\":"u8);
        if (count >= 0)
            Utf8Parser.TryParse(answer[(count + 20)..], out failed, out _);
        return new LoadAnswer(status, failed, failed == 0 ? null : TextAfter(answer, "\"ErrorCode\":\""u8));
    }

    private static string? TextAfter(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> start)
    {
        var at = answer.IndexOf(start);
        if (at < 0)
            return null;
        var text = answer[(at + start.Length)..];
        var end = text.IndexOf((byte)'"');
        return end < 0 ? null : Encoding.UTF8.GetString(text[..end]);
    }
}
