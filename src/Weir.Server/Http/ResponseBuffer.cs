using System.Buffers;
using Weir.Model;

namespace Weir.Server.Http;

/// <summary>Gathers bytes in one piece, so that their length is known before the first of them is sent. Pooled memory; dispose after sending.</summary>
/// <param name="firstBytes">What it takes at first.</param>
internal sealed class ResponseBuffer(int firstBytes = ResponseBuffer.FirstBytes) : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 1024;

    private byte[] _buffer = [];
    private int _length;

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>What was written, for lengths and checksums that are known at the end only.</summary>
    public Span<byte> WrittenSpan => _buffer.AsSpan(0, _length);

    /// <summary>Forgets what was written.</summary>
    public void Clear() => _length = 0;

    /// <inheritdoc />
    public void Advance(int count) => _length += count;

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_length);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
            BufferPool.Shared.Return(buffer);
    }

    private void Reserve(int sizeHint)
    {
        var needed = _length + Math.Max(sizeHint, 1);
        if (needed <= _buffer.Length)
            return;
        var larger = BufferPool.Shared.Rent(Math.Max(Math.Max(needed, _buffer.Length * 2), firstBytes));
        Written.CopyTo(larger);
        var old = _buffer;
        _buffer = larger;
        if (old.Length > 0)
            BufferPool.Shared.Return(old);
    }
}
