using System.Runtime.CompilerServices;
using Weir.Model;
using Weir.Producer.Shards;

namespace Weir.Producer.HotKeys;

/// <summary>Finds the keys that are too much for their shard, and spreads their records if that is wanted.</summary>
internal sealed class HotKeyWatch(ProducerOptions options, ProducerClock clock, ProducerLog log)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    // Written by the send loop, read by anyone.
    private volatile Found _found = new([], TimeSpan.Zero);

    // The keys that are spread, and how often each was; replaced as a whole by the send loop.
    private volatile Dictionary<string, StrongBox<int>> _spread = new(StringComparer.Ordinal);

    // The send loop's.
    private TimeSpan _began;

    /// <summary>The hot keys of the last window; none once it is long over. Thread-safe.</summary>
    public IReadOnlyList<HotKey> Keys => clock.Now - _found.At > 2 * Window ? [] : _found.Keys;

    /// <summary>The key that a record is put with: with a salt if its key is hot. Thread-safe.</summary>
    public string Spread(string key) =>
        _spread is { Count: > 0 } spread && key is not null && spread.TryGetValue(key, out var turn)
            ? PartitionKeySalt.Add(key, (int)((uint)Interlocked.Increment(ref turn.Value) % (uint)options.HotKeySalts))
            : key!;

    /// <summary>Looks at a window when it is over. The send loop's.</summary>
    public void Look(IReadOnlyList<ShardLane> lanes, TimeSpan now)
    {
        var length = now - _began;
        if (options.HotKeyPercent == 0 || length < Window)
            return;
        _began = now;
        // Nobody looks while nothing is put: the average over a long pause would say nothing of the time before it.
        if (length > 2 * Window)
        {
            foreach (var lane in lanes)
                lane.TakeHeavyKeys();
            return;
        }

        var seconds = length.TotalSeconds;
        var found = new List<HotKey>();
        foreach (var lane in lanes)
        {
            foreach (var (key, bytes, records) in lane.TakeHeavyKeys())
            {
                // In an aggregate a user record is no record of the shard, so only bytes count.
                var share = bytes / seconds / KinesisLimits.ShardWriteBytesPerSecond;
                if (!options.Aggregate)
                    share = Math.Max(share, records / seconds / KinesisLimits.ShardWriteRecordsPerSecond);
                found.Add(new HotKey(key, lane.Shard!.Id, bytes / seconds, records / seconds, share));
            }
        }

        var least = options.HotKeyPercent / 100.0;
        var hot = found.Where(key => key.Share >= least).OrderByDescending(key => key.Share).ToList();
        Tell(hot);
        _found = new Found(hot, now);
        if (options.HotKeySalts > 0)
            ChooseSpread(found, least);
    }

    private void Tell(List<HotKey> hot)
    {
        var known = Keys.Select(key => key.PartitionKey).ToHashSet(StringComparer.Ordinal);
        foreach (var key in hot.Where(key => !known.Contains(key.PartitionKey)))
        {
            log.HotKey(key.ShardId, key.Share);
            try
            {
                options.OnHotKey?.Invoke(key);
            }
            catch (Exception exception)
            {
                // A callback's fault must not end the producer.
                log.CallbackFailed(exception);
            }
        }
    }

    // A key is spread from the first window on in which it is hot, until all its parts together are half as much.
    private void ChooseSpread(List<HotKey> found, double least)
    {
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var key in found)
        {
            var name = PartitionKeySalt.TryRemove(key.PartitionKey, out var original, out _) && _spread.ContainsKey(original) ? original : key.PartitionKey;
            shares[name] = shares.GetValueOrDefault(name) + key.Share;
        }

        var chosen = new Dictionary<string, StrongBox<int>>(StringComparer.Ordinal);
        foreach (var (key, share) in shares)
        {
            if (_spread.TryGetValue(key, out var turn) ? share >= least / 2 : share >= least && Fits(key))
                chosen.Add(key, turn ?? new StrongBox<int>());
        }

        _spread = chosen;
    }

    private sealed record Found(IReadOnlyList<HotKey> Keys, TimeSpan At);

    private static bool Fits(string key) => PartitionKeySalt.Add(key, PartitionKeySalt.MaxSalts - 1).Length <= KinesisLimits.MaxPartitionKeyCharacters;
}
