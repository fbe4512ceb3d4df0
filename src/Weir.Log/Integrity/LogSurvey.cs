using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log.Integrity;

/// <summary>Tells what a log has on the disk from the footers of its segments: quick, and without a word on whether the frames are whole.</summary>
public static class LogSurvey
{
    /// <summary>Looks at a log. Reads the frames of segments that have no footer, which is the last one, and a few KB of each other.</summary>
    /// <param name="logs">The directory that the logs are in.</param>
    /// <param name="id">The log; its directory has to exist.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is there; without findings.</returns>
    /// <exception cref="IOException">The directory cannot be listed, or is gone, or a file cannot be read.</exception>
    /// <remarks>Blocks the calling thread. A server may be writing the log.</remarks>
    public static LogFacts Run(ILogDirectory logs, LogId id, CancellationToken cancellationToken)
    {
        var directory = logs.OpenExistingDirectory(id.ToString());
        var log = new LogAudit();
        foreach (var segment in LogCheck.SegmentsOf(directory, id))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                using var file = directory.OpenRead(segment.Name, fromDisk: false);
                Add(file, segment, log);
                if (LogCheck.WasTrimmed(directory, segment))
                    log.TakeBack(segment);
            }
            catch (FileNotFoundException) when (LogCheck.WasTrimmed(directory, segment))
            {
                // Retention was faster; the segment is no part of the log any more.
                continue;
            }
        }

        return log.ToFacts(id) with { Findings = [] };
    }

    /// <summary>Bytes of what logs have given up, by retention or with all of a log, that still take room. A server gives it back over time.</summary>
    /// <param name="logs">The directory that the logs are in.</param>
    /// <exception cref="IOException">A directory cannot be listed.</exception>
    public static long DiscardedBytes(ILogDirectory logs)
    {
        if (!logs.ListDirectories().Contains(DiscardedName.Directory))
            return 0;
        var discarded = logs.OpenExistingDirectory(DiscardedName.Directory);
        return BytesOf(discarded) + discarded.ListDirectories().Sum(name => IfThere(() => BytesOf(discarded.OpenExistingDirectory(name))));
    }

    private static long BytesOf(ILogDirectory directory) => directory.ListFiles().Sum(name => IfThere(() => directory.LengthOf(name)));

    private static long IfThere(Func<long> bytes)
    {
        try
        {
            return bytes();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Given back meanwhile.
            return 0;
        }
    }

    private static void Add(ILogFile file, Segment segment, LogAudit log)
    {
        var footer = SealedSegmentRecovery.TryReadFooter(file, segment);
        var frames = new FrameAudit(segment, log);
        using var walk = new FrameWalk(file, segment);
        // Of a sealed segment the table alone: it names the shards whose records have all expired.
        while (walk.TryNext(long.MaxValue, out var frame, out var at, out var payload))
        {
            frames.Add(frame, at, payload);
            if (footer is not null)
                break;
        }

        if (footer is null)
        {
            log.Segments.Add(new SegmentFacts(
                segment.Path, segment.BaseOffset.Value, IsSealed: false, file.Length, walk.Position, frames.Frames, frames.Records,
                Time(frames.FirstTimeMs), Time(frames.LastRecordTimeMs)));
            return;
        }

        foreach (var run in footer.Summaries)
        {
            var shard = log.GetOrAdd(run.Shard);
            if (run.Entries > 0)
                shard.Stored(run.FirstIndex, run.NextIndex, run.FirstTimeMs, run.LastTimeMs);
            shard.NextIndex = run.NextIndex;
            shard.ClosedMs ??= run.ClosedMs;
        }

        var runs = footer.Summaries.Where(run => run.Entries > 0).ToArray();
        log.Segments.Add(new SegmentFacts(
            segment.Path, segment.BaseOffset.Value, IsSealed: true, file.Length, footer.Trailer.FramesEnd,
            runs.Sum(run => (long)run.Entries), runs.Sum(run => run.NextIndex - run.FirstIndex),
            runs.Length == 0 ? null : Time(runs.Min(run => run.FirstTimeMs)), runs.Length == 0 ? null : Time(runs.Max(run => run.LastTimeMs))));
    }

    private static DateTimeOffset? Time(long? ms) => ms is { } value ? ShardAudit.Time(value) : null;
}
