// Copies a log that may be written meanwhile (docs/adr/0020-backup-without-the-server.md). What was acknowledged before the copy began lies in segments that exist
// when they are listed, below the last whole frame; it is all copied unless retention deletes it first. Segments are copied oldest first, so a segment that
// retention deletes before its turn takes the copies of the older ones with it: the copy never has a hole.
using System.Buffers;
using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log.Integrity;

/// <summary>Copies a log, without the help of a server that may be writing it.</summary>
public static class LogCopy
{
    // As much as a positional read needs to reach its full speed, several times.
    private const int BufferBytes = 4 * 1024 * 1024;

    private enum Step
    {
        Next,
        End,
        MovedOn,
    }

    /// <summary>Copies the log up to its last whole frame or the boundary, whichever comes first, and makes the copy durable.</summary>
    /// <param name="from">The directory that the logs are in.</param>
    /// <param name="id">The log.</param>
    /// <param name="to">The directory that the copies of logs are in. The log's own is made in it.</param>
    /// <param name="boundary">Where to stop.</param>
    /// <param name="copiedBytes">Told of each piece that was copied; may be null.</param>
    /// <param name="cancellationToken">Ends it; the copy is of no use then.</param>
    /// <exception cref="StorageFullException">There is no room for the copy.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <remarks>
    /// Blocks the calling thread. Bytes are copied as they are, damaged ones too: <see cref="LogCheck"/> on the copy finds them. Room that the log
    /// has reserved is not copied.
    /// </remarks>
    public static LogCopyResult Run(
        ILogDirectory from, LogId id, ILogDirectory to, CopyBoundary boundary, Action<long>? copiedBytes, CancellationToken cancellationToken)
    {
        var copied = new List<(string Name, long Bytes)>();
        try
        {
            var source = from.OpenExistingDirectory(id.ToString());
            var target = to.OpenDirectory(id.ToString());
            var step = Step.Next;
            foreach (var segment in LogCheck.SegmentsOf(source, id))
            {
                if (step != Step.Next)
                    break;
                try
                {
                    using var file = source.OpenRead(segment.Name, fromDisk: false);
                    step = Copy(file, segment, target, boundary, copied, copiedBytes, cancellationToken);
                    // While it was copied: then it may have been cut under the copy, and what was read of it says nothing.
                    if (LogCheck.WasTrimmed(source, segment))
                        step = DropCopies();
                }
                catch (IOException e) when (e is not DirectoryNotFoundException)
                {
                    if (!LogCheck.WasTrimmed(source, segment))
                        throw;
                    step = DropCopies();
                }
            }

            Step DropCopies()
            {
                foreach (var name in target.ListFiles())
                    target.Delete(name);
                copied.Clear();
                return Step.Next;
            }

            if (step == Step.MovedOn)
                return new LogCopyResult(LogCopyOutcome.MovedOn, 0, 0, WasCut: false);
            target.Sync();
            return new LogCopyResult(LogCopyOutcome.Copied, copied.Count, copied.Sum(file => file.Bytes), WasCut: step == Step.End);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new LogCopyResult(LogCopyOutcome.Vanished, 0, 0, WasCut: false);
        }
    }

    private static Step Copy(
        ILogFile file, Segment segment, ILogDirectory target, CopyBoundary boundary, List<(string, long)> copied, Action<long>? copiedBytes,
        CancellationToken cancellationToken)
    {
        var footer = SealedSegmentRecovery.TryReadFooter(file, segment);
        var end = footer is not null && IsKnown(footer, boundary) ? file.Length : (long?)null;
        var wasCut = false;
        using (var frames = new BoundedFrames(file, segment, boundary))
        {
            if (!frames.ReadTable() && (footer is null || frames.Unknown is not null))
            {
                // Just being created: nothing is in it yet, and the segment before it is whole.
                if (frames.Unknown is null)
                    return Step.Next;
                return copied.Count == 0 ? Step.MovedOn : Step.End;
            }

            if (end is null)
            {
                end = frames.FindEnd(footer?.Trailer.FramesEnd);
                wasCut = frames.Unknown is not null;
                if (footer is not null && !wasCut)
                    throw new IOException($"{segment.Path} is damaged where the copy has to end; `weir data verify` says more.");
            }
        }

        var bytes = end ?? file.Length;
        CopyBytes(file, target, segment.Name, bytes, copiedBytes, cancellationToken);
        copied.Add((segment.Name, bytes));
        return wasCut ? Step.End : Step.Next;
    }

    private static bool IsKnown(SealedFooter footer, CopyBoundary boundary) => footer.Summaries.All(
        summary => boundary.Knows(summary.Shard) && (summary.ClosedMs is null || boundary.KnowsEndOf(summary.Shard)));

    private static void CopyBytes(
        ILogFile source, ILogDirectory target, string name, long length, Action<long>? copiedBytes, CancellationToken cancellationToken)
    {
        using var copy = target.Create(name);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var at = 0L; at < length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at));
                var read = source.Read(piece, at);
                if (read < piece.Length)
                    throw new IOException($"{name} became shorter while it was copied.");
                copy.Write(piece, at);
                at += read;
                copiedBytes?.Invoke(read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        copy.SyncAll();
    }
}
