namespace Weir.Log;

/// <summary>
/// Gives up whole segments that are older than a horizon. Readers lose sight of a segment first, then its file leaves the log; those that hold
/// it read on, and its room is given back afterwards, by <see cref="RoomRelease"/>. Oldest first and one by one, each made durable before the
/// next: a crash never leaves a hole.
/// </summary>
internal sealed class Retention(LogContext context, Action<Exception> latch)
{
    private readonly MissingSegments _missing = new(context, latch);

    // Never disposed: without its wait handle it holds nothing that needs it.
    private readonly SemaphoreSlim _one = new(1);

    // Out of sight already, but the file could not be moved; goes before any other. Belongs to whoever holds the semaphore.
    private Segment? _pending;

    /// <summary>Gives up what is sealed and expired, after giving the commit loop the chance to seal an idle active segment.</summary>
    /// <returns>The number of bytes that the log has less.</returns>
    public async Task<long> TrimAsync(long horizonMs, Func<Task> rollIfExpired, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await rollIfExpired().WaitAsync(cancellationToken).ConfigureAwait(false);
            // Each segment waits for the disk. The pool's few threads are those that answer, so it is another one that does.
            var bytes = Next(horizonMs) is null
                ? 0
                : await Task.Factory.StartNew(() => Trim(horizonMs, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                    .ConfigureAwait(false);
            _missing.Look();
            return bytes;
        }
        finally
        {
            _one.Release();
        }
    }

    private long Trim(long horizonMs, CancellationToken cancellationToken)
    {
        var (bytes, segments) = (0L, 0);
        while (Next(horizonMs) is { } segment)
        {
            if (segments > 0)
                context.Room.Rest(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            Discard(segment);
            bytes += segment.StoredBytes;
            segments++;
        }

        if (segments > 0)
            LogMessages.Trimmed(context.Logger, context.Log, segments, bytes);
        return bytes;
    }

    private Segment? Next(long horizonMs)
    {
        if (_pending is not null || context.Segments.OldestBefore(horizonMs) is not { } oldest)
            return _pending;
        context.Segments.RemoveOldest(oldest);
        foreach (var run in oldest.Runs)
            context.Shards.Find(run.Shard)!.RemoveOldestRun(run);
        oldest.MarkDeleted();
        context.Forget(oldest);
        return _pending = oldest;
    }

    private void Discard(Segment segment)
    {
        context.Room.Discard(context.Directory, segment);
        try
        {
            context.Directory.Sync();
        }
        catch (Exception e) when (e is not (StorageFullException or DirectoryNotFoundException))
        {
            // The segment may come back after a crash while a later one does not: that would be a hole. So nothing follows. Without a file
            // handle nothing was tried yet: the segment stays pending, and the next sweep goes on here. Without a directory the whole log has been
            // deleted meanwhile.
            latch(e);
            throw;
        }

        _pending = null;
        context.Room.Release(segment);
        context.AddStored(-segment.StoredBytes);
        context.Metrics.Trimmed();
    }
}
