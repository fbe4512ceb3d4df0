using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>
/// The bytes of one commit: written to the file from here, and kept as a piece of the tail for readers. Ref-counted; the memory goes
/// back to its pool with the last reference.
/// </summary>
/// <remarks>
/// The disk takes whole blocks, so the memory begins at a block's start and repeats what the commit before left in that block:
/// <code>
///   | head, written before | frames of this commit ........ | zeros |
///   ^ a block begins        ^ Start                     End ^       ^ a block ends
/// </code>
/// </remarks>
internal sealed class CommitBuffer
{
    private readonly int _head;
    private readonly int _length;
    private BlockMemory? _memory;
    private int _references = 1;

    private CommitBuffer(LogOffset start, int head, int length, int memoryBytes)
    {
        (Start, _head, _length) = (start, head, length);
        _memory = BlockMemory.Rent(memoryBytes);
        HeldBytes = _memory.Memory.Length;
    }

    /// <summary>Place of the first byte in the log.</summary>
    public LogOffset Start { get; }

    public LogOffset End => Start + _length;

    /// <summary>Memory that this takes: blocks and the pool round up.</summary>
    public int HeldBytes { get; }

    /// <summary>For <see cref="LogTail"/>, under its lock: true once the tail has let go of it.</summary>
    public bool Evicted { get; set; }

    /// <summary>The frames.</summary>
    public Memory<byte> Memory => Held.Memory.Slice(_head, _length);

    /// <summary>The frames with the rest of the blocks that they touch.</summary>
    public ReadOnlySpan<byte> Blocks => Held.Memory.Span[..BlockBytes];

    /// <summary>What stands in the last block, which the next commit goes on in; empty when this one fills it.</summary>
    public ReadOnlySpan<byte> LastBlock => Blocks[LogBlock.Floor(_head + _length)..(_head + _length)];

    private int BlockBytes => LogBlock.Ceiling(_head + _length);

    private BlockMemory Held
    {
        get
        {
            var memory = _memory;
            Invariant.Check(memory is not null);
            return memory;
        }
    }

    /// <summary>Takes memory for a commit.</summary>
    /// <param name="start">Where the commit begins in the log.</param>
    /// <param name="length">Bytes of its frames.</param>
    /// <param name="head">What stands before it in its first block. Copied.</param>
    public static CommitBuffer Rent(LogOffset start, int length, ReadOnlySpan<byte> head = default)
    {
        Invariant.Check(head.Length < LogBlock.Bytes);
        var buffer = new CommitBuffer(start, head.Length, length, LogBlock.Ceiling(head.Length + length));
        var blocks = buffer.Held.Memory.Span;
        head.CopyTo(blocks);
        blocks[(head.Length + length)..buffer.BlockBytes].Clear();
        return buffer;
    }

    /// <summary>A reference for the tail: to this buffer, or to a copy without the blocks' rest where that rest is the larger part.</summary>
    public CommitBuffer ForTail()
    {
        if (BlockMemory.LengthFor(_length) > HeldBytes / 2)
        {
            AddReference();
            return this;
        }

        var copy = new CommitBuffer(Start, head: 0, _length, _length);
        Memory.Span.CopyTo(copy.Memory.Span);
        return copy;
    }

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
            Interlocked.Exchange(ref _memory, null)!.Return();
    }
}
