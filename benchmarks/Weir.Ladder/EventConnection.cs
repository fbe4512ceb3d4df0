using System.Net.Sockets;

namespace Weir.Ladder;

/// <summary>A subscription whose events are read only so far as to know that a record came. Blocking; allocates nothing.</summary>
internal sealed class EventConnection : IDisposable
{
    // Each record of an event has one, in either encoding; the workload's data has none.
    private static readonly byte[] RecordMark = "PartitionKey"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];

    // What was received and not looked at: [_from, _to).
    private int _from;
    private int _to;

    public EventConnection(Uri endpoint) => _socket.Connect(endpoint.DnsSafeHost, endpoint.Port);

    /// <summary>Subscribes, and waits until the server has said that it does.</summary>
    public void Subscribe(byte[] request)
    {
        for (var sent = 0; sent < request.Length;)
            sent += _socket.Send(request.AsSpan(sent));
        while (!Skip("initial-response"u8))
            Receive();
    }

    /// <summary>Waits for one more record.</summary>
    public void WaitForRecord()
    {
        while (!Skip(RecordMark))
            Receive();
    }

    public void Dispose() => _socket.Dispose();

    private bool Skip(ReadOnlySpan<byte> mark)
    {
        var at = _buffer.AsSpan(_from, _to - _from).IndexOf(mark);
        if (at < 0)
            return false;
        _from += at + mark.Length;
        return true;
    }

    private void Receive()
    {
        // A mark may be cut: as much as could be the beginning of one stays.
        var kept = Math.Min(_to - _from, RecordMark.Length + 4);
        _buffer.AsSpan(_to - kept, kept).CopyTo(_buffer);
        (_from, _to) = (0, kept);
        var read = _socket.Receive(_buffer.AsSpan(_to));
        Check.That(read > 0);
        _to += read;
        Check.That(!_buffer.AsSpan(0, _to).StartsWith("HTTP/1.1 4"u8));
    }
}
