using Weir.Log.Format;

namespace Weir.Log;

/// <summary>
/// Puts the shards' states together from what the segments say, oldest first, and sees that one continues where the other ended.
/// </summary>
internal sealed class ShardRecovery(LogShards shards)
{
    // Shards whose next index is known from an earlier segment: from there on it has to fit.
    private readonly HashSet<int> _known = [];

    /// <summary>Enters a sealed segment by its footer.</summary>
    public void AddSealed(Segment segment, SealedFooter footer)
    {
        var runs = new List<ShardRun>(footer.Summaries.Length);
        foreach (var summary in footer.Summaries)
        {
            var shard = Continue(segment, footer.Trailer.SummariesAt, summary.Shard, summary.FirstIndex);
            if (summary.Entries > 0)
            {
                var run = new ShardRun(segment, summary);
                shard.AddRun(run);
                runs.Add(run);
            }

            shard.Advance(summary.NextIndex);
            if (summary.ClosedMs is { } closed)
                shard.Close(closed);
        }

        segment.Runs = [.. runs];
    }

    /// <summary>Enters the shard table of a segment: states of all shards before it.</summary>
    public void AddTable(Segment segment, IEnumerable<ShardTableEntry> table)
    {
        foreach (var entry in table)
        {
            var shard = Continue(segment, SegmentHeader.Bytes, entry.Shard, entry.NextIndex);
            shard.Advance(entry.NextIndex);
            if (entry.ClosedMs is { } closed)
                shard.Close(closed);
        }
    }

    /// <summary>Enters what an older table says of a shard, where nothing newer is known.</summary>
    public void AddOlder(ShardTableEntry entry)
    {
        var shard = shards.GetOrAdd(entry.Shard);
        if (_known.Add(entry.Shard))
            shard.Advance(entry.NextIndex);
        if (entry.ClosedMs is { } closed && shard.ClosedMs is null)
            shard.Close(closed);
    }

    /// <summary>Enters a frame of a segment that is scanned.</summary>
    public void AddFrame(Segment segment, SegmentIndex index, RecordFrame frame, long at)
    {
        if (frame.Kind is not (FrameKind.Records or FrameKind.ShardEnd))
            return;
        var shard = Continue(segment, at, frame.Shard, frame.FirstIndex);
        if (shard.ClosedMs is not null)
            throw new LogCorruptException(segment.Path, at, $"nothing more of shard {frame.Shard}, which has ended", $"a {frame.Kind} frame");
        if (frame.Kind == FrameKind.ShardEnd)
            index.AddEnd(shard, frame.TimeMs);
        else
            index.AddRecords(shard, at, frame.PayloadBytes, frame.FirstIndex, frame.Count, frame.TimeMs);
    }

    private ShardIndex Continue(Segment segment, long at, int number, long firstIndex)
    {
        var shard = shards.GetOrAdd(number);
        var isFirst = _known.Add(number);
        if (isFirst ? firstIndex < 1 : firstIndex != shard.NextIndex)
            throw new LogCorruptException(segment.Path, at, $"index {shard.NextIndex} of shard {number}", $"index {firstIndex}");
        shard.Advance(firstIndex);
        return shard;
    }
}
