using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>The segment that the log writes into.</summary>
/// <remarks>Belongs to the commit loop, which holds a lease on the segment.</remarks>
internal sealed class ActiveSegment(Segment segment, ILogFile file, SegmentRoom room, FrameChain chain, SegmentIndex index)
{
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

    /// <summary>True when the last frame says that everything before it is durable already.</summary>
    public bool EndsInCheckpoint { get; private set; }

    /// <summary>True when there are frames behind the shard table: only then is the segment worth sealing.</summary>
    public bool HasFrames { get; private set; }

    /// <summary>Time of the first frame behind the shard table.</summary>
    public long FirstTimeMs { get; private set; } = long.MaxValue;

    public void Advance(FrameChain chain, long timeMs)
    {
        Chain = chain;
        if (!HasFrames)
            FirstTimeMs = timeMs;
        HasFrames = true;
        EndsInCheckpoint = false;
    }

    /// <summary>Steps behind a checkpoint, which does not count as something to keep.</summary>
    public void AdvanceCheckpoint(FrameChain chain) => (Chain, EndsInCheckpoint) = (chain, true);
}
