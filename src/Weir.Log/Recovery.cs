// What recovery trusts, and what it checks. A sealed segment was fsynced with its footer before the next one was created: its footer
// is believed, its frames are checked when they are read. The last segment is read whole. At its first invalid frame either
// nothing behind it had been durable, and it is cut (a torn tail: the normal end of a crash); or something had been, and opening
// fails without a change to any file. Nothing is served before it is fsynced: after a kill of the process alone, frames
// can be in the page cache that never reached the disk. After a failed fsync they can even be there marked clean, so that another
// fsync does nothing; so what no frame vouches for is written again first.
using System.Buffers;
using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>Opens a log: finds out what is in its directory, and readies its writer.</summary>
internal sealed class Recovery(LogContext context)
{
    // What was not fsynced is mostly one commit; only durability os leaves more.
    private const int RewriteBytes = 256 * 1024;

    private readonly ShardRecovery _shards = new(context.Shards);

    /// <summary>Recovers the log.</summary>
    /// <returns>Its end: where writing goes on.</returns>
    /// <exception cref="LogCorruptException">Durable bytes are damaged.</exception>
    public (SegmentWriter Writer, DurableWatermark Watermark) Run()
    {
        var segments = List();
        // Where the next segment has to begin; null before the oldest one, which begins wherever retention left off.
        LogOffset? expected = null;
        var lastTimeMs = 0L;
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            if (expected is { } end && segment.BaseOffset != end)
                throw new LogCorruptException(segment.Path, 0, $"the segment that begins at log offset {end}", $"{segment.BaseOffset}");
            var isLast = i == segments.Count - 1;
            if (isLast && RecoverLast(segment, expected, lastTimeMs) is { } recovered)
                return recovered;
            if (isLast)
                break;
            (expected, lastTimeMs) = AddSealed(segment, segments[i + 1].BaseOffset);
        }

        // No segment, or the only file was one that was never completed.
        return Begin(expected ?? new LogOffset(0), lastTimeMs);
    }

    private List<Segment> List()
    {
        var segments = new List<Segment>();
        foreach (var name in context.Directory.ListFiles())
        {
            if (SegmentName.TryParse(name, out var baseOffset))
                segments.Add(context.NewSegment(baseOffset));
        }

        segments.Sort((left, right) => left.BaseOffset.Value.CompareTo(right.BaseOffset.Value));
        return segments;
    }

    /// <summary>Enters a segment that others follow.</summary>
    private (LogOffset End, long LastTimeMs) AddSealed(Segment segment, LogOffset nextBase)
    {
        using var file = context.Directory.Open(segment.Name);
        if (!SealedSegmentRecovery.TryReadHeader(file, segment, context.Log))
            throw new LogCorruptException(segment.Path, 0, "a segment header", "damaged bytes");
        segment.StoredBytes = file.Length;
        if (SealedSegmentRecovery.TryReadFooter(file, segment) is { } footer)
        {
            Add(segment, footer);
            return (segment.BaseOffset + footer.Trailer.FramesEnd, footer.Trailer.LastTimeMs);
        }

        var scan = SegmentScan.Run(file, segment, _shards);
        if (scan.Chain.End < nextBase)
            throw new LogCorruptException(segment.Path, scan.Chain.FileOffset, "a whole frame", scan.Problem);
        LogMessages.FooterRebuilt(context.Logger, segment.Path);
        segment.Runs = scan.Index.ActiveRuns();
        segment.LastTimeMs = scan.LastTimeMs;
        context.Segments.Add(segment);
        context.AddStored(segment.StoredBytes);
        return (scan.Chain.End, scan.LastTimeMs);
    }

    private void Add(Segment segment, SealedFooter footer)
    {
        _shards.AddSealed(segment, footer);
        segment.LastTimeMs = footer.Trailer.LastTimeMs;
        context.Segments.Add(segment);
        context.AddStored(segment.StoredBytes);
    }

    /// <summary>Enters the last segment; null when it was never completed and is removed.</summary>
    private (SegmentWriter, DurableWatermark)? RecoverLast(Segment segment, LogOffset? predecessorEnd, long lastTimeMs)
    {
        var file = context.Directory.Open(segment.Name);
        try
        {
            if (!SealedSegmentRecovery.TryReadHeader(file, segment, context.Log))
            {
                RequireNeverDurable(file, segment, at: 0, predecessorEnd, "a segment header", "damaged or missing bytes");
                return Remove(file, segment);
            }

            segment.StoredBytes = file.Length;
            if (SealedSegmentRecovery.TryReadFooter(file, segment) is { } footer && SealedSegmentRecovery.HasWholeIndex(file, segment, footer))
                return ResumeBehind(file, segment, footer);

            var scan = SegmentScan.Run(file, segment, _shards);
            if (scan.Chain.FileOffset == SegmentHeader.Bytes)
            {
                RequireNeverDurable(file, segment, SegmentHeader.Bytes, predecessorEnd, "a shard table", scan.Problem);
                return Remove(file, segment);
            }

            return Resume(file, segment, scan, Math.Max(lastTimeMs, scan.LastTimeMs));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Goes on in the segment where the log ended, behind the last valid frame.</summary>
    private (SegmentWriter, DurableWatermark) Resume(ILogFile file, Segment segment, SegmentScan scan, long lastTimeMs)
    {
        CutTornTail(file, segment, scan);
        Rewrite(file, from: Math.Max(0, scan.Synced - segment.BaseOffset), to: scan.Chain.FileOffset);
        file.SyncAll();
        context.Directory.Sync();
        context.AddStored(scan.Chain.FileOffset);
        segment.LeaseNew(file);
        var watermark = new DurableWatermark(scan.Chain.End);
        var writer = new SegmentWriter(context, watermark);
        var room = new SegmentRoom(file, scan.Chain.FileOffset, context);
        writer.Resume(new ActiveSegment(segment, file, room, scan), lastTimeMs);
        return (writer, watermark);
    }

    /// <summary>The crash came between the two halves of a roll: the footer is there, the next segment is not.</summary>
    private (SegmentWriter, DurableWatermark) ResumeBehind(ILogFile file, Segment segment, SealedFooter footer)
    {
        _shards.AddTable(segment, SealedSegmentRecovery.ReadTable(file, segment));
        Add(segment, footer);
        // The frames were fsynced before the footer was written; the footer itself may not have been.
        Rewrite(file, from: footer.Trailer.FramesEnd, to: file.Length);
        file.SyncAll();
        file.Dispose();
        return Begin(segment.BaseOffset + footer.Trailer.FramesEnd, footer.Trailer.LastTimeMs);
    }

    private (SegmentWriter, DurableWatermark) Begin(LogOffset baseOffset, long lastTimeMs)
    {
        var watermark = new DurableWatermark(baseOffset);
        var writer = new SegmentWriter(context, watermark);
        writer.Begin(baseOffset, lastTimeMs);
        return (writer, watermark);
    }

    private void CutTornTail(ILogFile file, Segment segment, SegmentScan scan)
    {
        var cutAt = scan.Chain.FileOffset;
        if (file.Length == cutAt)
            return;
        var content = RequireNoEvidence(file, segment, cutAt, "a whole frame", scan.Problem);
        if (content > 0)
            LogMessages.TornTailCut(context.Logger, segment.Path, content, cutAt, scan.Problem);
        file.Truncate(cutAt);
    }

    private static void Rewrite(ILogFile file, long from, long to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(RewriteBytes);
        for (var at = from; at < to; at += RewriteBytes)
        {
            var bytes = buffer.AsSpan(0, (int)Math.Min(RewriteBytes, to - at));
            var read = file.Read(bytes, at);
            Invariant.Check(read == bytes.Length);
            file.Write(bytes, at);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    // A segment without its start is one whose creation a crash interrupted, provided that nothing in it says otherwise and that the log is whole without it.
    private void RequireNeverDurable(ILogFile file, Segment segment, long at, LogOffset? predecessorEnd, string expected, string found)
    {
        RequireNoEvidence(file, segment, at, expected, found);
        if (predecessorEnd is null && segment.BaseOffset.Value > 0)
            throw new LogCorruptException(segment.Path, at, expected, found);
    }

    private (SegmentWriter, DurableWatermark)? Remove(ILogFile file, Segment segment)
    {
        file.Dispose();
        context.Directory.Delete(segment.Name);
        LogMessages.TornSegmentRemoved(context.Logger, segment.Path);
        RecoverTable();
        return null;
    }

    // The removed segment's table would have told the states; its predecessor tells them as well.
    private void RecoverTable()
    {
        if (context.Segments.ToArray() is not [.., var predecessor])
            return;
        using var file = context.Directory.Open(predecessor.Name);
        foreach (var entry in SealedSegmentRecovery.ReadTable(file, predecessor))
            _shards.AddOlder(entry);
    }

    private static long RequireNoEvidence(ILogFile file, Segment segment, long at, string expected, string found)
    {
        using var scanner = new FrameScanner(file, segment.BaseOffset, segment.Seed);
        if (DurabilityEvidence.Find(scanner, file, segment.BaseOffset, at, out var content) is not { } proof)
            return content;
        throw new LogCorruptException(
            segment.Path, at, expected, $"{found}; the frame at log offset {proof.Offset} says that this had been durable");
    }
}
