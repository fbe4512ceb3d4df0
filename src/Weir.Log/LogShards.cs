using System.Collections.Concurrent;

namespace Weir.Log;

/// <summary>The shards of one log, by number.</summary>
/// <remarks>Looked up by anyone; the commit loop, recovery and those who wait for a shard's first record add.</remarks>
internal sealed class LogShards
{
    // One writer, and few shards in most logs: the default would take a lock and a table for each processor, times 1,000 logs.
    private readonly ConcurrentDictionary<int, ShardIndex> _shards = new(concurrencyLevel: 1, capacity: 4);

    public IEnumerable<ShardIndex> All => _shards.Values;

    public ShardIndex? Find(int shard) => _shards.GetValueOrDefault(shard);

    public ShardIndex GetOrAdd(int shard) => _shards.TryGetValue(shard, out var found) ? found : _shards.GetOrAdd(shard, new ShardIndex(shard));

    /// <summary>Wakes everybody who waits for any shard, to look at the log itself.</summary>
    public void WakeAll()
    {
        Interlocked.MemoryBarrier();
        foreach (var (_, shard) in _shards)
            shard.Wake();
    }

    public ShardState StateOf(int shard) => Find(shard)?.State ?? new ShardState(1, null);
}
