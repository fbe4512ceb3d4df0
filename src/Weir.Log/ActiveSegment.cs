using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>The segment that the log writes into.</summary>
/// <remarks>Belongs to the commit loop, which holds a lease on the segment.</remarks>
internal sealed class ActiveSegment(Segment segment, ILogFile file, SegmentRoom room, FrameChain chain, SegmentIndex index)
{
    // Filled only where commits are written in blocks.
    private readonly byte[] _lastBlock = new byte[LogBlock.Bytes];
    private int _lastBlockBytes;

    /// <summary>For recovery: a segment with frames in it.</summary>
    public ActiveSegment(Segment segment, ILogFile file, SegmentRoom room, SegmentScan found)
        : this(segment, file, room, found.Chain, found.Index)
    {
        EndsInCheckpoint = found.EndsInCheckpoint;
        if (found.FirstTimeMs is { } first)
            (HasFrames, FirstTimeMs) = (true, first);
    }

    public Segment Segment { get; } = segment;

    public ILogFile File { get; } = file;

    public SegmentRoom Room { get; } = room;

    public SegmentIndex Index { get; } = index;

    /// <summary>Behind the last frame that counts.</summary>
    public FrameChain Chain { get; private set; } = chain;

    /// <summary>What stands in the block that the log ends in, up to the end: the next commit writes that block again, with its own bytes behind.</summary>
    public ReadOnlySpan<byte> LastBlock => _lastBlock.AsSpan(0, _lastBlockBytes);

    /// <summary>True when the last frame says that everything before it is durable already.</summary>
    public bool EndsInCheckpoint { get; private set; }

    /// <summary>True when there are frames behind the shard table: only then is the segment worth sealing.</summary>
    public bool HasFrames { get; private set; }

    /// <summary>Time of the first frame behind the shard table.</summary>
    public long FirstTimeMs { get; private set; } = long.MaxValue;

    /// <summary>For a segment that others have written: reads what stands in its last block.</summary>
    public void LoadLastBlock()
    {
        _lastBlockBytes = (int)(Chain.FileOffset % LogBlock.Bytes);
        var read = File.Read(_lastBlock.AsSpan(0, _lastBlockBytes), LogBlock.Floor(Chain.FileOffset));
        Invariant.Check(read == _lastBlockBytes);
    }

    /// <summary>For a new segment: keeps what stands in its last block.</summary>
    /// <param name="start">Everything that was written.</param>
    public void KeepLastBlock(ReadOnlySpan<byte> start)
    {
        var block = start[LogBlock.Floor(start.Length)..];
        block.CopyTo(_lastBlock);
        _lastBlockBytes = block.Length;
    }

    /// <summary>Steps behind a commit.</summary>
    public void Advance(FrameChain chain, ReadOnlySpan<byte> lastBlock, long timeMs)
    {
        Chain = chain;
        KeepLastBlock(lastBlock);
        if (!HasFrames)
            FirstTimeMs = timeMs;
        HasFrames = true;
        EndsInCheckpoint = false;
    }

    /// <summary>Steps behind a checkpoint, which does not count as something to keep.</summary>
    public void AdvanceCheckpoint(FrameChain chain) => (Chain, EndsInCheckpoint) = (chain, true);
}
