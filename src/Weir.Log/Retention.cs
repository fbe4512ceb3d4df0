namespace Weir.Log;

/// <summary>
/// Deletes whole segments that are older than a horizon. Readers lose sight of a segment first, then its file goes; those that hold
/// it read on. Oldest first and one by one, each made durable before the next: a crash never leaves a hole.
/// </summary>
internal sealed class Retention(LogContext context, Action<Exception> latch)
{
    private readonly MissingSegments _missing = new(context, latch);

    // Never disposed: without its wait handle it holds nothing that needs it.
    private readonly SemaphoreSlim _one = new(1);

    // Out of sight already, but the file could not be deleted; goes before any other. Belongs to whoever holds the semaphore.
    private Segment? _pending;

    /// <summary>Deletes what is sealed and expired, after giving the commit loop the chance to seal an idle active segment.</summary>
    /// <returns>The number of bytes given back.</returns>
    public async Task<long> TrimAsync(long horizonMs, Func<Task> rollIfExpired, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await rollIfExpired().WaitAsync(cancellationToken).ConfigureAwait(false);
            var (bytes, segments) = (0L, 0);
            while (Next(horizonMs) is { } segment)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Delete(segment);
                bytes += segment.StoredBytes;
                segments++;
            }

            if (segments > 0)
                LogMessages.Trimmed(context.Logger, context.Log, segments, bytes);
            _missing.Look();
            return bytes;
        }
        finally
        {
            _one.Release();
        }
    }

    private Segment? Next(long horizonMs)
    {
        if (_pending is not null || context.Segments.OldestBefore(horizonMs) is not { } oldest)
            return _pending;
        context.Segments.RemoveOldest(oldest);
        foreach (var run in oldest.Runs)
            context.Shards.Find(run.Shard)!.RemoveOldestRun(run);
        oldest.MarkDeleted();
        return _pending = oldest;
    }

    private void Delete(Segment segment)
    {
        context.Directory.Delete(segment.Name);
        try
        {
            context.Directory.Sync();
        }
        catch (Exception e) when (e is not StorageFullException)
        {
            // The deletion may come back after a crash while a later one does not: that would be a hole. So nothing follows. Without a file
            // handle nothing was tried yet: the segment stays pending, and the next sweep goes on here.
            latch(e);
            throw;
        }

        _pending = null;
        context.Forget(segment);
        context.AddStored(-segment.StoredBytes);
        context.Metrics.Trimmed();
    }
}
