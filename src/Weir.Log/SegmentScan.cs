using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>A segment as its frames tell it, up to the first invalid one.</summary>
internal sealed class SegmentScan
{
    private SegmentScan(Segment segment)
    {
        Index = new SegmentIndex(segment);
        Chain = new FrameChain(segment.BaseOffset, segment.Seed);
    }

    /// <summary>The frames found.</summary>
    public SegmentIndex Index { get; }

    /// <summary>The end of the valid prefix. At the header's end when not even the shard table is whole.</summary>
    public FrameChain Chain { get; private set; }

    /// <summary>Why the prefix ends there.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Time of the first frame behind the shard table; null without one.</summary>
    public long? FirstTimeMs { get; private set; }

    public long LastTimeMs { get; private set; }

    public bool EndsInCheckpoint { get; private set; }

    /// <summary>The furthest watermark that a frame states: what lies below is known to have been fsynced.</summary>
    public LogOffset Synced { get; private set; }

    /// <summary>Scans a file whose header is good, entering what it finds.</summary>
    /// <exception cref="LogCorruptException">Frames that are whole and in place contradict each other.</exception>
    public static SegmentScan Run(ILogFile file, Segment segment, ShardRecovery shards)
    {
        using var scanner = new FrameScanner(file, segment.BaseOffset, segment.Seed);
        var scan = new SegmentScan(segment);
        while (scanner.TryNext(out var frame, out var at, out var payload))
        {
            var isFirst = at == SegmentHeader.Bytes;
            if (isFirst != (frame.Kind == FrameKind.ShardTable))
                throw new LogCorruptException(segment.Path, at, isFirst ? "a shard table" : "no second shard table", $"a {frame.Kind} frame");
            if (frame.TimeMs < scan.LastTimeMs)
                throw new LogCorruptException(segment.Path, at, $"a time not before {scan.LastTimeMs}", $"{frame.TimeMs}");
            if (isFirst && ShardTable.TryRead(payload, frame.Count, out var table))
                shards.AddTable(segment, table);
            else if (isFirst)
                throw new LogCorruptException(segment.Path, at, $"a table of {frame.Count} shards", $"{frame.PayloadBytes} bytes");
            else
                shards.AddFrame(segment, scan.Index, frame, at);
            scan.Step(frame);
        }

        scan.Problem = scanner.Problem;
        scan.Chain = new FrameChain(segment.BaseOffset, segment.Seed, scanner.Position, scanner.PreviousCrc);
        return scan;
    }

    private void Step(RecordFrame frame)
    {
        LastTimeMs = frame.TimeMs;
        Synced = frame.Synced > Synced ? frame.Synced : Synced;
        EndsInCheckpoint = frame.Kind == FrameKind.Checkpoint;
        if (frame.Kind is FrameKind.Records or FrameKind.ShardEnd)
            FirstTimeMs ??= frame.TimeMs;
    }
}
