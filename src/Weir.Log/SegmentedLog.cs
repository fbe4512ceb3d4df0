using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>
/// A log in segment files. Appends gather in the queue; the scheduler gives the log a turn at a time, and each turn is one group
/// commit. Readers never wait for a commit and commits never for a reader.
/// </summary>
internal sealed class SegmentedLog : IRecordLog, ICommitWork
{
    private readonly LogContext _context;
    private readonly StoreContext _store;
    private readonly ICommitScheduler _scheduler;
    private readonly AppendQueue _queue;
    private readonly DurableWatermark _watermark;
    private readonly GroupCommit _commit;
    private readonly CommitPace _pace;
    private readonly Retention _retention;
    private readonly Action<LogId> _closed;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Only with durability interval: fires when acknowledged bytes have waited long enough for their fsync.
    private readonly ITimer? _syncTimer;

    // Moved by whoever wakes the log (idle to gathering, both to queued) and by its turn (queued to running to idle).
    private int _turn = (int)Turn.Idle;

    // Number of the present or last gathering. Written by whoever begins one.
    private long _gathering;
    private bool _closing;
    private bool _syncDue;

    // The turn's own: whether the timer runs.
    private bool _syncArmed;

    private enum Turn
    {
        /// <summary>Nothing to do. Whoever brings work moves on.</summary>
        Idle,

        /// <summary>Has too little for a commit. Who brings the rest moves on to queued, or the scheduler does in a moment.</summary>
        Gathering,

        /// <summary>Waits for its turn in the scheduler.</summary>
        Queued,

        /// <summary>Commits. New work waits in the queue; the turn looks for it at its end.</summary>
        Running,
    }

    /// <summary>Recovers the log.</summary>
    public SegmentedLog(LogContext context, StoreContext store, ICommitScheduler scheduler, Action<LogId> closed)
    {
        (_context, _store, _scheduler, _closed) = (context, store, scheduler, closed);
        (var writer, _watermark) = new Recovery(context).Run();
        _queue = new AppendQueue(context.Options.QueueBytes, store.Queues);
        _commit = new GroupCommit(context, _queue, writer, _watermark, scheduler);
        // Without an fsync for each commit nothing is saved by fewer of them.
        _pace = new CommitPace(gathers: context.Options.Durability.IsFsync);
        _retention = new Retention(context, _commit.Latch);
        if (context.Options.Durability.SyncInterval is not null)
            _syncTimer = context.Time.CreateTimer(static log => ((SegmentedLog)log!).RequestSync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long StoredBytes => _context.StoredBytes;

    public Exception? Failure => _commit.Failure;

    /// <summary>Memory that the tails of all logs of the store hold.</summary>
    public long TailBytes => _store.Tail.Bytes;

    /// <summary>The segments that are complete, oldest first.</summary>
    public Segment[] SealedSegments => _context.Segments.ToArray();

    /// <summary>Where the segment files are.</summary>
    public ILogDirectory Directory => _context.Directory;

    public ValueTask AppendAsync(AppendBatch batch)
    {
        if (Failure is not null)
            return ValueTask.FromException(_commit.FailedNow());
        if (batch.Blocks.IsEmpty)
            return ValueTask.CompletedTask;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch.Bytes.Length, RecordFrame.MaxPayloadBytes, nameof(batch));
        var task = batch.AsTask();
        switch (_queue.TryEnqueue(batch, out var level))
        {
            case Enqueued.Closed:
                return ValueTask.FromException(Disposed());
            case Enqueued.Full:
                _context.Metrics.QueueFull();
                foreach (ref var block in batch.Blocks)
                    block.Outcome = AppendOutcome.QueueFull;
                return ValueTask.CompletedTask;
            default:
                WakeFor(level);
                return task;
        }
    }

    public Task<ShardState> CloseShardAsync(int shard)
    {
        if (Failure is not null)
            return Task.FromException<ShardState>(_commit.FailedNow());
        var close = new ShardClose(shard);
        if (!_queue.TryEnqueue(close))
            return Task.FromException<ShardState>(Disposed());
        Wake();
        return close.Done.Task;
    }

    public ShardState GetShard(int shard) => _context.Shards.StateOf(shard);

    public async Task WaitForChangeAsync(int shard, long seenNextIndex, CancellationToken cancellationToken)
    {
        var index = _context.Shards.GetOrAdd(shard);
        while (true)
        {
            var change = index.NextChange();
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _closing), this);
            if (index.NextIndex > seenNextIndex || index.ClosedMs is not null)
                return;
            if (Failure is not null)
                throw _commit.FailedNow();
            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ILogReader OpenReader(int shard, long fromIndex)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closing), this);
        return new LogReader(_context, shard, fromIndex);
    }

    public long FindTime(int shard, DateTimeOffset time) => TimeSearch.Find(_context, shard, time);

    public Task<long> TrimAsync(DateTimeOffset horizon, CancellationToken cancellationToken)
    {
        var horizonMs = horizon.ToUnixTimeMilliseconds();
        return _retention.TrimAsync(horizonMs, () => RollIfExpired(horizonMs), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _closing, true))
        {
            // In order: take in nothing more, let the turns drain the queue (bounded by its bytes), then the last turn closes the file.
            _queue.Close();
            _context.Shards.WakeAll();
            if (_syncTimer is not null)
                await _syncTimer.DisposeAsync().ConfigureAwait(false);
            Wake();
        }

        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>A turn: one commit.</summary>
    void ICommitWork.Run()
    {
        Volatile.Write(ref _turn, (int)Turn.Running);
        var appends = _commit.Run();
        if (Interlocked.Exchange(ref _syncDue, false))
        {
            _commit.SyncUnsynced();
            _syncArmed = false;
        }

        ArmSync();
        var level = _queue.Level;
        if (Volatile.Read(ref _closing) && level.IsEmpty)
        {
            End();
            return;
        }

        _pace.Committed(appends, level.Count);
        Interlocked.Exchange(ref _turn, (int)Turn.Idle);
        // Looked at again: who came in between saw a running turn, and left it to this one.
        level = _queue.Level;
        if (Volatile.Read(ref _closing) || Volatile.Read(ref _syncDue))
            Wake();
        else if (!level.IsEmpty)
            WakeFor(level);
    }

    void ICommitWork.EndGathering(long gathering)
    {
        // A later gathering may have begun meanwhile; ending it early costs it nothing but company.
        if (Volatile.Read(ref _gathering) == gathering && MovedTo(Turn.Queued, from: Turn.Gathering))
            _scheduler.Schedule(this);
    }

    /// <summary>There are appends: a turn now if they are worth a commit, else in a moment.</summary>
    private void WakeFor(QueueLevel level)
    {
        if (_pace.IsEnough(level))
            Wake();
        else if (MovedTo(Turn.Gathering, from: Turn.Idle))
            _scheduler.Gather(this, Interlocked.Increment(ref _gathering));
    }

    private void Wake()
    {
        if (MovedTo(Turn.Queued, from: Turn.Idle) || MovedTo(Turn.Queued, from: Turn.Gathering))
            _scheduler.Schedule(this);
    }

    private bool MovedTo(Turn to, Turn from) => Interlocked.CompareExchange(ref _turn, (int)to, (int)from) == (int)from;

    private void RequestSync()
    {
        Volatile.Write(ref _syncDue, true);
        Wake();
    }

    private void ArmSync()
    {
        if (_syncTimer is null || _syncArmed || !_watermark.HasUnsynced || Failure is not null)
            return;
        _syncArmed = true;
        _syncTimer.Change(_context.Options.Durability.SyncInterval!.Value, Timeout.InfiniteTimeSpan);
    }

    private Task RollIfExpired(long horizonMs)
    {
        // A failed log rolls no more, but what is sealed still expires.
        if (Failure is not null)
            return Task.CompletedTask;
        var roll = new ExpiredRoll(horizonMs);
        if (!_queue.TryEnqueue(roll: roll))
            return Task.FromException(Disposed());
        Wake();
        return roll.Done.Task;
    }

    private void End()
    {
        _commit.Close();
        _context.Tail.Close();
        foreach (var segment in _context.Segments.ToArray())
            _context.Forget(segment);
        _closed(_context.Log);
        _ended.TrySetResult();
    }

    private ObjectDisposedException Disposed() => new(nameof(SegmentedLog), $"Log {_context.Log} is closed.");
}
