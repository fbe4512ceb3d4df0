namespace Weir.Log;

/// <summary>A log in memory. Every call does its work at once under one lock: there is no disk to wait for.</summary>
internal sealed class MemoryLog(LogId id, TimeProvider time, ByteBudget budget) : IRecordLog
{
    private readonly Lock _gate = new();

    // All under the lock.
    private readonly Dictionary<int, MemoryShard> _shards = [];
    private long _lastTimeMs;
    private long _storedBytes;
    private bool _open;

    public long StoredBytes => Interlocked.Read(ref _storedBytes);

    public Exception? Failure => null;

    /// <summary>Opens the log; false when it is open.</summary>
    public bool TryOpen()
    {
        lock (_gate)
            return !_open && (_open = true);
    }

    public ValueTask AppendAsync(AppendBatch batch)
    {
        List<TaskCompletionSource>? woken = null;
        lock (_gate)
        {
            if (!_open)
                return ValueTask.FromException(Closed());
            var timeMs = Now_NeedsLock();
            foreach (ref var block in batch.Blocks)
                block.Outcome = Append_NeedsLock(ref block, batch.Bytes.Span, timeMs, ref woken);
        }

        woken?.ForEach(waiters => waiters.SetResult());
        return ValueTask.CompletedTask;
    }

    public Task<ShardState> CloseShardAsync(int shard)
    {
        ShardState end;
        TaskCompletionSource? woken;
        lock (_gate)
        {
            if (!_open)
                return Task.FromException<ShardState>(Closed());
            var state = Shard_NeedsLock(shard);
            state.ClosedMs ??= Now_NeedsLock();
            end = state.State;
            woken = state.TakeWaiters();
        }

        woken?.SetResult();
        return Task.FromResult(end);
    }

    public ShardState GetShard(int shard)
    {
        lock (_gate)
            return _shards.TryGetValue(shard, out var state) ? state.State : new ShardState(1, null);
    }

    public async Task WaitForChangeAsync(int shard, long seenNextIndex, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (!_open)
                    throw Closed();
                var state = Shard_NeedsLock(shard);
                if (state.NextIndex > seenNextIndex || state.ClosedMs is not null)
                    return;
                change = state.NextChange();
            }

            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ILogReader OpenReader(int shard, long fromIndex)
    {
        lock (_gate)
        {
            if (!_open)
                throw Closed();
        }

        return new MemoryReader(this, shard, fromIndex);
    }

    public long FindTime(int shard, DateTimeOffset time)
    {
        lock (_gate)
            return _shards.TryGetValue(shard, out var state) ? state.FindTime(time) : 1;
    }

    public Task<long> TrimAsync(DateTimeOffset horizon, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        lock (_gate)
        {
            foreach (var shard in _shards.Values)
                bytes += shard.Trim(horizon.ToUnixTimeMilliseconds());
            GiveBack_NeedsLock(bytes);
        }

        return Task.FromResult(bytes);
    }

    public ValueTask DisposeAsync()
    {
        List<TaskCompletionSource> woken = [];
        lock (_gate)
        {
            _open = false;
            foreach (var shard in _shards.Values)
            {
                if (shard.TakeWaiters() is { } waiters)
                    woken.Add(waiters);
            }
        }

        woken.ForEach(waiters => waiters.SetResult());
        return ValueTask.CompletedTask;
    }

    /// <summary>Lets go of all records; the log is deleted.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _shards.Clear();
            GiveBack_NeedsLock(_storedBytes);
        }
    }

    /// <summary>For readers: the frame that holds the index or the first one after it.</summary>
    public MemoryFrame? Find(int shard, long index)
    {
        lock (_gate)
            return _shards.TryGetValue(shard, out var state) ? state.Find(index) : null;
    }

    private AppendOutcome Append_NeedsLock(ref AppendBlock block, ReadOnlySpan<byte> bytes, long timeMs, ref List<TaskCompletionSource>? woken)
    {
        var shard = Shard_NeedsLock(block.Shard);
        if (shard.ClosedMs is not null)
            return AppendOutcome.ShardClosed;
        var cost = block.Length + MemoryFrame.OverheadBytes;
        if (block.Count > 0)
        {
            if (!budget.TryTake(cost, oversizedAlone: false))
                return AppendOutcome.StorageFull;
            Interlocked.Add(ref _storedBytes, cost);
        }

        block.FirstIndex = shard.NextIndex;
        block.Time = DateTimeOffset.FromUnixTimeMilliseconds(timeMs);
        if (block.Count == 0)
            return AppendOutcome.Appended;
        shard.Add(new MemoryFrame(block.FirstIndex, block.Count, timeMs, bytes.Slice(block.Offset, block.Length).ToArray()));
        if (shard.TakeWaiters() is { } waiters)
            (woken ??= []).Add(waiters);
        return AppendOutcome.Appended;
    }

    private MemoryShard Shard_NeedsLock(int shard)
    {
        if (!_shards.TryGetValue(shard, out var state))
            _shards.Add(shard, state = new MemoryShard());
        return state;
    }

    private long Now_NeedsLock() => _lastTimeMs = Math.Max(_lastTimeMs, time.GetUtcNow().ToUnixTimeMilliseconds());

    private void GiveBack_NeedsLock(long bytes)
    {
        Interlocked.Add(ref _storedBytes, -bytes);
        budget.GiveBack(bytes);
    }

    private ObjectDisposedException Closed() => new(nameof(MemoryLog), $"Log {id} is closed.");

    private sealed class MemoryReader(MemoryLog log, int shard, long fromIndex) : ILogReader
    {
        private long _next = Math.Max(fromIndex, 1);

        public bool TryRead(out LogFrame frame)
        {
            frame = default;
            if (log.Find(shard, _next) is not { } found)
                return false;
            _next = Math.Max(_next, found.FirstIndex);
            frame = found.From(_next);
            _next += frame.Count;
            return true;
        }

        public void Dispose()
        {
        }
    }
}
