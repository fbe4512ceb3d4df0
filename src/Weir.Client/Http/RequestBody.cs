using System.Buffers;
using Weir.Model;

namespace Weir.Client.Http;

/// <summary>A request's bytes in pooled memory. The memory goes back when its maker and every connection that sends it have let go.</summary>
/// <remarks>
/// A server may answer before it has read the request, and the connection goes on sending for a while: so the answer alone does not say
/// that nobody reads the memory any more. Written by one; then read by any number of threads.
/// </remarks>
internal sealed class RequestBody : IBufferWriter<byte>, IDisposable
{
    // Most requests are small; a PutRecords says how large it becomes.
    private const int FirstBytes = 1024;

    private byte[] _buffer;
    private int _length;

    // The maker, and each connection that sends it at present.
    private int _holders = 1;

    public RequestBody(int expectedBytes = FirstBytes)
    {
        _buffer = BufferPool.Shared.Rent(Math.Max(expectedBytes, FirstBytes));
    }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    /// <inheritdoc />
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - _length));
        _length += count;
    }

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsSpan(_length);
    }

    /// <summary>Keeps the memory for one who reads it.</summary>
    /// <returns>False when everybody has let go already.</returns>
    public bool TryHold()
    {
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
                return true;
            holders = seen;
        }

        return false;
    }

    /// <summary>Ends a <see cref="TryHold"/>.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
            return;
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        BufferPool.Shared.Return(buffer);
    }

    /// <summary>The maker lets go. Once only.</summary>
    public void Dispose() => LetGo();

    private void MakeRoom(int sizeHint)
    {
        if (_buffer.Length - _length >= Math.Max(sizeHint, 1))
            return;
        var larger = BufferPool.Shared.Rent(Math.Max(2 * _buffer.Length, _length + sizeHint));
        Memory.Span.CopyTo(larger);
        BufferPool.Shared.Return(_buffer);
        _buffer = larger;
    }
}
