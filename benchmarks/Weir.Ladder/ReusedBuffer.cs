using System.Buffers;

namespace Weir.Ladder;

/// <summary>A buffer that keeps its memory when it is cleared, so that it adds nothing to what is measured.</summary>
internal sealed class ReusedBuffer : IBufferWriter<byte>
{
    // More than the largest answer of the workload.
    private readonly byte[] _bytes = new byte[4 * 1024 * 1024];
    private int _length;

    /// <summary>What was written since it was cleared.</summary>
    public Span<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.AsMemory(_length);

    public Span<byte> GetSpan(int sizeHint = 0) => _bytes.AsSpan(_length);
}
