using Weir.Model;

namespace Weir.Log;

/// <summary>
/// The bytes of one commit: written to the file from here, and kept as a piece of the tail for readers. Ref-counted; the array goes
/// back to the pool with the last reference.
/// </summary>
internal sealed class CommitBuffer
{
    private readonly int _length;
    private byte[]? _bytes;
    private int _references = 1;

    private CommitBuffer(LogOffset start, int length)
    {
        (Start, _length) = (start, length);
        _bytes = BufferPool.Shared.Rent(length);
        HeldBytes = _bytes.Length;
    }

    /// <summary>Place of the first byte in the log.</summary>
    public LogOffset Start { get; }

    public LogOffset End => Start + _length;

    /// <summary>Memory that this takes: the pool rounds up.</summary>
    public int HeldBytes { get; }

    /// <summary>For <see cref="LogTail"/>, under its lock: true once the tail has let go of it.</summary>
    public bool Evicted { get; set; }

    public Memory<byte> Memory
    {
        get
        {
            var bytes = _bytes;
            Invariant.Check(bytes is not null);
            return bytes.AsMemory(0, _length);
        }
    }

    public static CommitBuffer Rent(LogOffset start, int length) => new(start, length);

    /// <summary>Takes a further reference; only while holding one, or under the lock of a tail that does.</summary>
    public void AddReference()
    {
        var references = Interlocked.Increment(ref _references);
        Invariant.Check(references > 1);
    }

    public void Release()
    {
        var references = Interlocked.Decrement(ref _references);
        Invariant.Check(references >= 0);
        if (references == 0)
            BufferPool.Shared.Return(Interlocked.Exchange(ref _bytes, null)!);
    }
}
