using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Weir.Server.Tests;

/// <summary>A TCP connection that sends what it is given and reads when it is told to.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;

    private RawConnection(Socket socket) => _socket = socket;

    /// <summary>Connects.</summary>
    /// <param name="endpoint">Where the server listens.</param>
    /// <param name="receiveBufferBytes">How much the kernel may take in while nobody reads; null leaves it to the kernel.</param>
    public static async Task<RawConnection> OpenAsync(Uri endpoint, int? receiveBufferBytes = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBufferBytes is { } bytes)
            socket.ReceiveBufferSize = bytes;
        await socket.ConnectAsync(endpoint.Host, endpoint.Port).WaitAsync(Patience);
        return new RawConnection(socket);
    }

    /// <summary>A request of an operation, head and body.</summary>
    public static byte[] Request(string operation, string json) => [.. Head(operation, Encoding.UTF8.GetByteCount(json)), .. Encoding.UTF8.GetBytes(json)];

    /// <summary>The head of a request that promises a body of this length; <paramref name="extra"/> are header lines with their ends.</summary>
    public static byte[] Head(string operation, int length, string extra = "") => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Kinesis_20131202.{operation}\r\nContent-Length: {length}\r\n{extra}\r\n"));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes).AsTask().WaitAsync(Patience)..];
    }

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next bytes, none at the end. A reset is an end.</summary>
    public async Task<byte[]> ReceiveAsync(int atMost = 4096)
    {
        var buffer = new byte[atMost];
        try
        {
            return buffer[..await _socket.ReceiveAsync(buffer).WaitAsync(Patience)];
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The server has thrown the connection away, which is the end that a reader sees.
            return [];
        }
    }

    /// <summary>The first line of the response, which comes with the first bytes.</summary>
    public async Task<string> StatusLineAsync()
    {
        var text = Encoding.ASCII.GetString(await ReceiveAsync(1024));
        return text[..Math.Max(0, text.IndexOf('\r', StringComparison.Ordinal))];
    }

    /// <summary>Reads to the end, counting.</summary>
    public async Task<long> DrainAsync(long atMost)
    {
        var drained = 0L;
        while (drained < atMost && (await ReceiveAsync(256 * 1024)).Length is var length and > 0)
            drained += length;
        return drained;
    }

    public void Dispose() => _socket.Dispose();
}
