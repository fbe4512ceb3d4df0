using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weir.Conformance.Http;

/// <summary>A TCP connection that sends exactly the bytes it is given and reads HTTP/1.1 responses one after another.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly byte[] _one = new byte[1];

    private RawConnection(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public static async Task<RawConnection> OpenAsync(Uri endpoint)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(endpoint.Host, endpoint.Port).WaitAsync(Patience);
        return new RawConnection(client);
    }

    /// <summary>A whole POST of a JSON body; <paramref name="extra"/> are header lines with their line ends.</summary>
    public static byte[] Post(string operation, string json, string extra = "", bool withLength = true)
    {
        var body = Encoding.UTF8.GetBytes(json);
        var head = $"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: {KinesisHttp.JsonType}\r\n"
            + $"X-Amz-Target: {KinesisHttp.TargetPrefix}{operation}\r\nX-Amz-Date: 20260101T000000Z\r\n"
            + $"Authorization: {KinesisHttp.Authorization}\r\n"
            + (withLength ? $"Content-Length: {body.Length}\r\n" : "") + extra + "\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes).AsTask().WaitAsync(Patience);

    public Task SendAsync(string ascii) => SendAsync(Encoding.ASCII.GetBytes(ascii));

    /// <summary>Sends bytes, each in a TCP segment of its own (Nagle is off and each write is awaited).</summary>
    public async Task SendByteByByteAsync(ReadOnlyMemory<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
            await SendAsync(bytes.Slice(i, 1));
    }

    /// <summary>Tells the server that nothing more comes.</summary>
    public void EndSending() => _client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Reads the next response, an interim one (100) included.</summary>
    public async Task<KinesisReply> ReceiveAsync()
    {
        var (status, headers) = await ReceiveHeadAsync();
        var body = status == HttpStatusCode.Continue ? [] : await ReadBodyAsync(headers);
        return new KinesisReply(status, headers, body);
    }

    /// <summary>Reads a response up to its body.</summary>
    public async Task<(HttpStatusCode Status, Dictionary<string, string> Headers)> ReceiveHeadAsync()
    {
        var statusLine = await ReadLineAsync();
        var parts = statusLine.Split(' ', 3);
        Assert.True(parts.Length >= 2 && parts[0] == "HTTP/1.1", $"Not a status line: {statusLine}");
        var status = (HttpStatusCode)int.Parse(parts[1], CultureInfo.InvariantCulture);
        var headers = new Dictionary<string, string>();
        for (var line = await ReadLineAsync(); line.Length > 0; line = await ReadLineAsync())
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon].ToLowerInvariant()] = line[(colon + 1)..].Trim();
        }

        return (status, headers);
    }

    /// <summary>Reads the next chunk of a body; an empty one is its end.</summary>
    public async Task<byte[]> ReceiveChunkAsync()
    {
        var size = int.Parse(await ReadLineAsync(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var chunk = await ReadExactlyAsync(size);
        Assert.Equal("", await ReadLineAsync());
        return chunk;
    }

    /// <summary>Reads exactly this many bytes.</summary>
    public async Task<byte[]> ReadExactlyAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience);
        return bytes;
    }

    /// <summary>Reads until the server closes; returns what came before.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(all).WaitAsync(Patience);
        }
        catch (IOException)
        {
            // A reset is an end too; what came before it is what the caller judges.
        }

        return all.ToArray();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }

    private async Task<byte[]> ReadBodyAsync(Dictionary<string, string> headers)
    {
        if (headers.TryGetValue("content-length", out var length))
            return await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture));
        if (!headers.TryGetValue("transfer-encoding", out var encoding) || encoding != "chunked")
            return [];
        using var body = new MemoryStream();
        while (true)
        {
            var chunk = await ReceiveChunkAsync();
            if (chunk.Length == 0)
                return body.ToArray();
            body.Write(chunk);
        }
    }

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            await _stream.ReadExactlyAsync(_one).AsTask().WaitAsync(Patience);
            if (_one[0] == (byte)'\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)_one[0]);
        }
    }
}
