using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log.Integrity;

/// <summary>Checks everything that a log has on the disk, and names what is wrong with it. Reads only.</summary>
public static class LogCheck
{
    internal const string DoesNotOpen = "A server does not open this log, and does not start: nothing of the stream is served until it is put right.";

    internal const string RestoreAdvice = "Keep a copy of the file, look at the disk, and restore a backup: docs/operations/data.md#when-something-is-damaged.";

    // How much is checked between two looks at the token and two words about the progress.
    private const long StepBytes = 4 * 1024 * 1024;

    /// <summary>Checks a log, from its oldest segment to the newest.</summary>
    /// <param name="logs">The directory that the logs are in.</param>
    /// <param name="id">The log; its directory has to exist.</param>
    /// <param name="checkedBytes">Told of each piece of a segment that was checked; may be null.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <returns>What is there, and what is wrong with it.</returns>
    /// <exception cref="IOException">The directory cannot be listed, or is gone.</exception>
    /// <remarks>
    /// Blocks the calling thread. Takes memory for a buffer and 24 bytes for each frame of one segment. A server may be writing the log:
    /// nothing is reported as damage that is only being written, sealed, trimmed.
    /// </remarks>
    public static LogFacts Run(ILogDirectory logs, LogId id, Action<long>? checkedBytes, CancellationToken cancellationToken)
    {
        var directory = logs.OpenExistingDirectory(id.ToString());
        var segments = SegmentsOf(directory, id);
        var log = new LogAudit();
        LogOffset? expected = null;
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            LogOffset? next = i + 1 < segments.Count ? segments[i + 1].BaseOffset : null;
            if (expected is { } end && end != segment.BaseOffset)
            {
                log.Findings.Damage(
                    directory.Path, 0, $"a segment that begins at log offset {end}, {SegmentName.Of(end)}", $"{segment.Name}",
                    DoesNotOpen + " A file is missing in the middle of the log.", RestoreAdvice);
                log.Restart();
            }

            if (!TryCheck(directory, segment, id, next, log, checkedBytes, cancellationToken))
                log.Restart();
            expected = next is null || log.Segments is not [.., var last] || last.File != segment.Path ? null : segment.BaseOffset + last.FramesEnd;
        }

        if (log.Findings.Dropped > 0)
        {
            log.Findings.Note(directory.Path, 0, "few findings", $"{log.Findings.Dropped} more than are shown", "Only the first hundred of a log are shown.");
        }

        return log.ToFacts(id);
    }

    /// <summary>The segments in a log's directory, oldest first.</summary>
    internal static List<Segment> SegmentsOf(ILogDirectory directory, LogId id)
    {
        var segments = new List<Segment>();
        foreach (var name in directory.ListFiles())
        {
            if (SegmentName.TryParse(name, out var baseOffset))
                segments.Add(new Segment(directory, new IdleFiles(), id, baseOffset));
        }

        segments.Sort((left, right) => left.BaseOffset.Value.CompareTo(right.BaseOffset.Value));
        return segments;
    }

    /// <summary>Whether a segment is not there any more because it was trimmed, and is not lost: everything older went before it.</summary>
    /// <exception cref="DirectoryNotFoundException">The whole log is not there any more.</exception>
    internal static bool WasTrimmed(ILogDirectory directory, Segment segment)
    {
        try
        {
            directory.LengthOf(segment.Name);
            return false;
        }
        catch (FileNotFoundException)
        {
            return IsOlderThanAll(directory, segment);
        }
    }

    private static bool IsOlderThanAll(ILogDirectory directory, Segment segment)
    {
        var offsets = directory.ListFiles().Where(name => SegmentName.TryParse(name, out _)).ToArray();
        return offsets.Length > 0 && string.CompareOrdinal(offsets.Min(StringComparer.Ordinal), segment.Name) > 0;
    }

    private static bool TryCheck(
        ILogDirectory directory, Segment segment, LogId id, LogOffset? next, LogAudit log, Action<long>? checkedBytes, CancellationToken cancellationToken)
    {
        try
        {
            using var file = directory.OpenRead(segment.Name, fromDisk: true);
            using var check = new SegmentCheck(file, segment, id, isSealed: next is not null, next, log);
            var told = 0L;
            bool more;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                more = check.Advance(StepBytes);
                checkedBytes?.Invoke((more ? check.Position : Math.Max(file.Length, told)) - told);
                told = Math.Max(told, check.Position);
            }
            while (more);
            if (!WasTrimmed(directory, segment))
                return true;
            // While it was read, and it may have been cut by then. Its new name came before any cut, so what still has the old one was whole.
            log.TakeBack(segment);
            return false;
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            // Retention was faster. What follows is the log's beginning now.
            if (WasTrimmed(directory, segment))
                log.TakeBack(segment);
            else
                log.Findings.Damage(segment.Path, 0, "a file that can be read", e.Message, "Records in this file may be out of reach.", RestoreAdvice);
            return false;
        }
    }
}
