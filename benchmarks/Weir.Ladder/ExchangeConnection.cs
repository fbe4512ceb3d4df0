using System.Buffers.Text;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Weir.Protocol;
using Weir.Protocol.Wire;

namespace Weir.Ladder;

/// <summary>One connection, one request under way, blocking: an exchange allocates nothing on this side.</summary>
internal sealed class ExchangeConnection : IDisposable
{
    private readonly Uri _endpoint;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    // Reused from the start for each piece of a long answer; only the head and the last bytes are looked at.
    private readonly byte[] _buffer = new byte[256 * 1024];

    public ExchangeConnection(Uri endpoint)
    {
        _endpoint = endpoint;
        _socket.Connect(endpoint.DnsSafeHost, endpoint.Port);
    }

    /// <summary>The bytes of a whole request.</summary>
    public byte[] Request(WireCodec codec, KinesisOperation operation, byte[] body)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST / HTTP/1.1\r\nHost: {_endpoint.Authority}\r\nContent-Type: {codec.ContentType}\r\nX-Amz-Target: {operation.Target}\r\n"
            + $"X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=weir/20260101/us-east-1/kinesis/aws4_request, "
            + $"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={new string('0', 64)}\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    /// <summary>Sends a request and reads its answer, which must be a success without a refused record.</summary>
    /// <returns>Length of the answer's body.</returns>
    public long Exchange(byte[] request)
    {
        for (var sent = 0; sent < request.Length;)
            sent += _socket.Send(request.AsSpan(sent));
        var (received, head) = (0, -1);
        while (head < 0)
        {
            received += Receive(received);
            head = _buffer.AsSpan(0, received).IndexOf("\r\n\r\n"u8);
        }

        Check.That(_buffer.AsSpan(0, received).StartsWith("HTTP/1.1 200 "u8));
        Check.That(_buffer.AsSpan(0, received).IndexOf("ErrorCode"u8) < 0);
        return Drain(_buffer.AsSpan(0, head + 2), received - head - 4);
    }

    public void Dispose() => _socket.Dispose();

    // Reads the rest of the body, however it is framed.
    private long Drain(ReadOnlySpan<byte> head, int present)
    {
        var header = head.IndexOf("\r\nContent-Length: "u8);
        if (header >= 0 && Utf8Parser.TryParse(head[(header + 18)..], out long length, out _))
        {
            for (long read = present; read < length;)
                read += Receive(at: 0);
            return length;
        }

        // In chunks: the last bytes of an answer are those of the empty chunk, and no request follows before they came.
        Check.That(head.IndexOf("chunked"u8) >= 0);
        var start = head.Length + 2;
        long total = present;
        var end = start + present;
        while (!_buffer.AsSpan(0, end).EndsWith("\r\n0\r\n\r\n"u8))
        {
            // The last bytes go to the front, so that the end is found also when it is cut.
            var kept = Math.Min(end, 8);
            _buffer.AsSpan(end - kept, kept).CopyTo(_buffer);
            var more = Receive(kept);
            total += more;
            end = kept + more;
        }

        return total;
    }

    private int Receive(int at)
    {
        var read = _socket.Receive(_buffer.AsSpan(at));
        Check.That(read > 0);
        return read;
    }
}
