using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weir.Server.Tests.Security;

/// <summary>Sends requests byte for byte, one after the other, and reads their answers. Connects again when the server has hung up.</summary>
internal sealed class RequestConnection(Uri endpoint) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private Socket? _socket;

    public async Task<KinesisReply> SendAsync(byte[] request)
    {
        _socket ??= await ConnectAsync();
        await _socket.SendAsync(request).WaitAsync(Patience);
        var received = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            if (Reply(received, out var closes) is { } reply)
            {
                if (closes)
                    Dispose();
                return reply;
            }

            var length = await _socket.ReceiveAsync(buffer).WaitAsync(Patience);
            Assert.True(length > 0, $"The server hung up in the middle of an answer: {Encoding.UTF8.GetString([.. received])}");
            received.AddRange(buffer.AsSpan(0, length));
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private static KinesisReply? Reply(List<byte> received, out bool closes)
    {
        closes = false;
        var text = Encoding.Latin1.GetString([.. received]);
        var headEnd = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (headEnd < 0)
            return null;
        var lines = text[..headEnd].Split("\r\n");
        closes = lines.Contains("Connection: close");
        var length = lines.Where(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))
            .Select(line => int.Parse(line["Content-Length: ".Length..], CultureInfo.InvariantCulture)).Single();
        return received.Count < headEnd + 4 + length
            ? null
            : new KinesisReply((HttpStatusCode)int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), [.. received[(headEnd + 4)..]]);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint.Host, endpoint.Port).WaitAsync(Patience);
        return socket;
    }
}
