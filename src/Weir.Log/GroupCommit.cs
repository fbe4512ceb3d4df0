using Weir.Log.Format;

namespace Weir.Log;

/// <summary>
/// One write and one fsync for everything that has gathered: while one commit waits for the disk the next one gathers, which is the
/// whole trade between latency and throughput, without a timer.
/// </summary>
/// <remarks>
/// One commit at a time; its turn may come on any thread. Failures: no room refuses this commit and changes nothing; everything else
/// latches the log. A failed fsync is not retried: the kernel may have dropped the dirty pages already, so a second call can report
/// success for bytes that are gone.
/// </remarks>
internal sealed class GroupCommit(LogContext context, AppendQueue queue, SegmentWriter writer, DurableWatermark watermark, ICommitScheduler scheduler)
{
    // 2 MiB: large enough that the disk is busy with bytes and not with commits, and at 300 MB/s some 7 ms that other streams wait behind.
    private const long MaxCommitBytes = 2 * 1024 * 1024;

    private readonly CommitPlan _plan = new(context.Shards, scheduler);

    // Written by the commit loop once; read by anyone.
    private Exception? _failure;

    // The commit loop's own: the last commit found no room, which operators were told.
    private bool _isFull;

    /// <summary>The first failure, after which nothing is taken any more.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    public LogFailedException FailedNow() => new(context.Log.ToString(), Failure!);

    /// <summary>Commits what has gathered.</summary>
    /// <returns>How many appends that was.</returns>
    public int Run()
    {
        queue.Take(_plan.Work, MaxCommitBytes);
        if (_plan.Work.Count == 0)
            return 0;
        try
        {
            if (Failure is null)
                Commit();
            else
                FailPlan();
            return _plan.Work.Count;
        }
        finally
        {
            _plan.Clear();
        }
    }

    /// <summary>Makes acknowledged bytes durable that are not yet: the interval has passed.</summary>
    public void SyncUnsynced()
    {
        if (Failure is not null || !watermark.HasUnsynced)
            return;
        try
        {
            writer.Sync(watermark.Acknowledged);
        }
        catch (Exception e)
        {
            Latch(e);
        }
    }

    /// <summary>Ends writing in good order; a failure latches, as there is nobody left to tell.</summary>
    public void Close()
    {
        try
        {
            if (Failure is null)
                writer.Close();
        }
        catch (Exception e)
        {
            Latch(e);
        }
        finally
        {
            writer.Release();
        }
    }

    private void Commit()
    {
        try
        {
            var timeMs = Math.Max(writer.LastTimeMs, context.NowMs);
            _plan.Build(timeMs);
            if (_plan.Bytes > 0)
                Write(timeMs);
            // Bytes go back before the waiters wake: who waited may append again at once.
            queue.GiveBack(_plan.Work);
            var rolls = _plan.Work.Exists(work => work.Roll is not null) ? _plan.Work.FindAll(work => work.Roll is not null) : null;
            _plan.Succeed();
            rolls?.ForEach(work => Roll(work.Roll!));
        }
        catch (StorageFullException e)
        {
            if (!_isFull)
                LogMessages.StorageFull(context.Logger, context.Log, e.Message);
            _isFull = true;
            context.Room.IsShort = true;
            context.Metrics.StorageFull();
            queue.GiveBack(_plan.Work);
            _plan.Refuse(e);
        }
        catch (Exception e)
        {
            Latch(e);
            FailPlan();
        }
    }

    private void Write(long timeMs)
    {
        var startedAt = context.Metrics.Now;
        var chain = writer.MakeRoom(_plan.Bytes, timeMs);
        var buffer = RentBuffer();
        try
        {
            _plan.Encode(buffer, chain, watermark.Synced, timeMs);
            writer.Write(buffer);
            if (context.Options.Durability.IsFsync)
                writer.Sync(chain.End);
            // The tail first: who sees a record must find it in memory.
            context.Tail.Add(buffer.ForTail());
            writer.Publish(_plan.Frames, chain, buffer, timeMs);
            context.Room.Wrote(_plan.Bytes);
            context.Metrics.Committed(startedAt, _plan.Bytes);
            if (_isFull)
                LogMessages.StorageFree(context.Logger, context.Log);
            _isFull = false;
        }
        finally
        {
            buffer.Release();
        }
    }

    // Nothing has been written yet, so that no memory is a refusal like no room on the disk.
    private CommitBuffer RentBuffer()
    {
        try
        {
            return writer.RentBuffer(_plan.Bytes);
        }
        catch (OutOfMemoryException e)
        {
            throw new StorageFullException($"the memory for a commit of {_plan.Bytes} bytes", e);
        }
    }

    private void Roll(ExpiredRoll roll)
    {
        try
        {
            writer.RollIfExpired(roll.HorizonMs);
            roll.Done.TrySetResult();
        }
        catch (StorageFullException)
        {
            // There is no room for a footer. Retention deletes what is sealed already, which may make some.
            roll.Done.TrySetResult();
        }
        catch (Exception e)
        {
            Latch(e);
            roll.Done.TrySetException(FailedNow());
        }
    }

    private void FailPlan()
    {
        queue.GiveBack(_plan.Work);
        _plan.Fail(FailedNow);
    }

    /// <summary>Keeps the first failure; everything after it fails with it.</summary>
    public void Latch(Exception failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is not null)
            return;
        context.Metrics.Failed();
        LogMessages.Failed(context.Logger, context.Log, failure);
        context.Shards.WakeAll();
    }
}
