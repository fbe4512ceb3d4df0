using Weir.Log;

namespace Weir.Streams.Tests;

/// <summary>Logs that outlive the engine that uses them, and that fail at a chosen point of closing shards.</summary>
/// <remarks>
/// Only the closing of shards is made to fail, before or after it took effect: that is the one step of a reshard that the log takes part
/// in. Failures of writes and fsyncs are the log's own tests' business.
/// </remarks>
internal sealed class FaultyLogStore(ILogStore inner) : IAsyncDisposable
{
    private readonly Dictionary<LogId, IRecordLog> _open = [];
    private readonly Lock _gate = new();

    /// <summary>How many more closings succeed before one fails; null for no failure.</summary>
    public int? CloseFailsAfter { get; set; }

    /// <summary>Whether the failing closing has taken effect before it fails.</summary>
    public bool FailureComesAfterTheEffect { get; set; }

    /// <summary>The store as one engine sees it; its disposal leaves the logs open.</summary>
    public ILogStore Handle() => new EngineHandle(this);

    public async ValueTask DisposeAsync()
    {
        foreach (var log in _open.Values)
            await log.DisposeAsync();
        await inner.DisposeAsync();
    }

    private async Task<IRecordLog> OpenAsync(LogId id)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(id, out var open))
                return new FaultyLog(this, open);
        }

        var log = await inner.OpenAsync(id, default);
        lock (_gate)
            _open[id] = log;
        return new FaultyLog(this, log);
    }

    private async Task DeleteAsync(LogId id)
    {
        IRecordLog? log;
        lock (_gate)
            _open.Remove(id, out log);
        if (log is not null)
            await log.DisposeAsync();
        await inner.DeleteAsync(id, default);
    }

    private sealed class EngineHandle(FaultyLogStore store) : ILogStore
    {
        public IReadOnlyList<LogId> List()
        {
            lock (store._gate)
                return [.. store._open.Keys.OrderBy(id => id.Value)];
        }

        public Task<IRecordLog> OpenAsync(LogId id, CancellationToken cancellationToken) => store.OpenAsync(id);

        public Task DeleteAsync(LogId id, CancellationToken cancellationToken) => store.DeleteAsync(id);

        public ValueTask DisposeAsync() => default;
    }

    private sealed class FaultyLog(FaultyLogStore store, IRecordLog inner) : IRecordLog
    {
        public long StoredBytes => inner.StoredBytes;

        public Exception? Failure => inner.Failure;

        public ValueTask AppendAsync(AppendBatch batch) => inner.AppendAsync(batch);

        public async Task<ShardState> CloseShardAsync(int shard)
        {
            var fails = store.CloseFailsAfter == 0;
            store.CloseFailsAfter = fails ? null : store.CloseFailsAfter - 1;
            if (fails && !store.FailureComesAfterTheEffect)
                throw new IOException("The closing fails before it took effect.");
            var state = await inner.CloseShardAsync(shard);
            return fails ? throw new IOException("The closing fails after it took effect.") : state;
        }

        public ShardState GetShard(int shard) => inner.GetShard(shard);

        public Task WaitForChangeAsync(int shard, long seenNextIndex, CancellationToken cancellationToken) =>
            inner.WaitForChangeAsync(shard, seenNextIndex, cancellationToken);

        public ILogReader OpenReader(int shard, long fromIndex) => inner.OpenReader(shard, fromIndex);

        public long FindTime(int shard, DateTimeOffset time) => inner.FindTime(shard, time);

        public Task<long> TrimAsync(DateTimeOffset horizon, CancellationToken cancellationToken) => inner.TrimAsync(horizon, cancellationToken);

        public ValueTask DisposeAsync() => default;
    }
}
