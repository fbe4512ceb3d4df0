using System.Buffers.Binary;
using Weir.Log.Format;

namespace Weir.Log.Integrity;

/// <summary>
/// Sees that the frames of one segment, which are whole each by itself, fit together: one table at the start, times that do not
/// decrease, indexes without gap, nothing behind a shard's end. Notes what the segment's footer has to say of them.
/// </summary>
internal sealed class FrameAudit(Segment segment, LogAudit log)
{
    private const string Contradiction = "Frames with good checksums contradict each other, which no damaged disk explains alone.";
    private const string AskForHelp = "Keep a copy of the data directory and report it as a bug, with this line.";

    /// <summary>The shards' parts in the segment.</summary>
    public Dictionary<int, RunAudit> Runs { get; } = [];

    public long Frames { get; private set; }

    public long Records { get; private set; }

    public long? FirstTimeMs { get; private set; }

    /// <summary>Time of the last frame of any kind.</summary>
    public long LastTimeMs { get; private set; }

    public long? LastRecordTimeMs { get; private set; }

    public uint? LastCrc { get; private set; }

    /// <summary>Enters a whole frame at its place.</summary>
    public void Add(in RecordFrame frame, long at, ReadOnlySpan<byte> payload)
    {
        if ((at == SegmentHeader.Bytes) != (frame.Kind == FrameKind.ShardTable))
            Complain(at, at == SegmentHeader.Bytes ? "a shard table" : "no second shard table", $"a {frame.Kind} frame");
        if (frame.TimeMs < log.LastTimeMs)
            Complain(at, $"a time not before {log.LastTimeMs}", $"{frame.TimeMs}");
        if (frame.Synced > frame.Offset)
            Complain(at, $"a watermark up to {frame.Offset}", $"{frame.Synced}");
        if (frame.Kind == FrameKind.ShardTable)
            AddTable(frame, at, payload);
        else if (frame.Kind != FrameKind.Checkpoint)
            AddToShard(frame, at, payload);
        log.LastTimeMs = LastTimeMs = Math.Max(LastTimeMs, frame.TimeMs);
        LastCrc = frame.Crc;
    }

    /// <summary>The last frames are unknown: they lie in a damaged place.</summary>
    public void LoseTrack() => LastCrc = null;

    private void AddTable(in RecordFrame frame, long at, ReadOnlySpan<byte> payload)
    {
        if (!ShardTable.TryRead(payload, frame.Count, out var table))
        {
            Complain(at, $"a table of {frame.Count} shards", $"{frame.PayloadBytes} bytes");
            return;
        }

        foreach (var entry in table)
        {
            var shard = log.GetOrAdd(entry.Shard);
            Continue(shard, entry.NextIndex, at, frame.TimeMs);
            if (shard.ClosedMs is { } closed && closed != entry.ClosedMs)
                Complain(at, $"shard {entry.Shard} ended at {closed}", entry.ClosedMs is { } other ? $"an end at {other}" : "no end");
            shard.ClosedMs = entry.ClosedMs;
            shard.KnownTo = segment.BaseOffset + at + frame.FrameBytes;
        }

        var listed = table.Select(entry => entry.Shard).ToHashSet();
        foreach (var shard in log.Shards.Where(shard => (shard.NextIndex > 1 || shard.ClosedMs is not null) && !listed.Contains(shard.Shard)))
            Complain(at, $"shard {shard.Shard} in the table", "a table without it");
        log.KnowsAllShards = true;
    }

    private void AddToShard(in RecordFrame frame, long at, ReadOnlySpan<byte> payload)
    {
        var shard = log.GetOrAdd(frame.Shard);
        if (shard.ClosedMs is not null)
            Complain(at, $"nothing more of shard {frame.Shard}, which has ended", $"a {frame.Kind} frame");
        Continue(shard, frame.FirstIndex, at, frame.TimeMs);
        shard.KnownTo = segment.BaseOffset + at + frame.FrameBytes;
        if (!Runs.TryGetValue(frame.Shard, out var run))
            Runs.Add(frame.Shard, run = new RunAudit(frame.FirstIndex));
        run.NextIndex = frame.FirstIndex + frame.Count;
        if (frame.Kind == FrameKind.ShardEnd)
        {
            shard.ClosedMs = run.ClosedMs = frame.TimeMs;
            return;
        }

        if (frame.Count < 1 || CountRecords(payload) != frame.Count)
            Complain(at, $"{frame.Count} records", $"{CountRecords(payload)} in the payload");
        run.Frames.Add(new FrameAt((uint)(at / RecordFrame.Alignment), frame.PayloadBytes, frame.FirstIndex, frame.TimeMs));
        shard.Stored(frame.FirstIndex, frame.FirstIndex + frame.Count, frame.TimeMs, frame.TimeMs);
        Frames++;
        Records += frame.Count;
        FirstTimeMs ??= frame.TimeMs;
        LastRecordTimeMs = frame.TimeMs;
    }

    private void Continue(ShardAudit shard, long index, long at, long timeMs)
    {
        if (shard.NextIndex is { } next && index != next)
        {
            var isGap = index > next;
            if (!isGap || !log.Findings.Attribute(shard.MissingBefore(index, timeMs), behind: shard.KnownTo))
                Complain(at, $"index {next} of shard {shard.Shard}", $"index {index}", isGap ? [shard.MissingBefore(index, timeMs)] : []);
        }

        shard.NextIndex = Math.Max(index, shard.NextIndex ?? index);
    }

    private void Complain(long at, string expected, string found, params AffectedRecords[] affected) =>
        log.Findings.Damage(segment.Path, at, expected, found, Contradiction, AskForHelp, affected);

    // -1 when the lengths do not add up.
    private static int CountRecords(ReadOnlySpan<byte> payload)
    {
        var count = 0;
        for (; !payload.IsEmpty; count++)
        {
            if (payload.Length < sizeof(int) || BinaryPrimitives.ReadInt32LittleEndian(payload) is var length && (length < 0 || length > payload.Length - sizeof(int)))
                return -1;
            payload = payload[(sizeof(int) + length)..];
        }

        return count;
    }
}

/// <summary>Where a frame with records lies, as its index entry should say.</summary>
internal readonly record struct FrameAt(uint Offset8, int PayloadBytes, long FirstIndex, long TimeMs);

/// <summary>The frames of one shard in one segment: 24 bytes a frame, while the segment is looked at.</summary>
internal sealed class RunAudit(long firstIndex)
{
    public long FirstIndex { get; } = firstIndex;

    public long NextIndex { get; set; }

    public long? ClosedMs { get; set; }

    public List<FrameAt> Frames { get; } = [];
}
