using Weir.Model;

namespace Weir.Streams.OnDemand;

/// <summary>When an on-demand stream splits a shard and when it merges two (spec section 6.5; docs/adr/0015-on-demand-scaling.md). Pure.</summary>
/// <remarks>
/// <code>
///   load of one shard      0 ......... 25 % ......... 50 % ......... 100 %
///   two together below 25 %  for a day: merge   |   one above 50 %: split
/// </code>
/// A merged shard lies below 25 %, halves of a split one begin above it: the two never undo each other.
/// </remarks>
internal static class OnDemandRule
{
    /// <summary>The window of a shard's moving average.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>
    /// A younger shard is not split again: its average still is what it inherited. So a stream doubles once in a quarter of an hour at most,
    /// as the service documents it.
    /// </summary>
    public static readonly TimeSpan SettlingTime = TimeSpan.FromMinutes(15);

    /// <summary>For so long two neighbours have to be quiet before they are merged.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromHours(24);

    /// <summary>A shard with more than this part of what it may take is split.</summary>
    public const double SplitAbove = 0.5;

    /// <summary>Two neighbours with less than this part of what one may take are quiet.</summary>
    public const double MergeBelow = 0.25;

    // A millionth of the hash key space, fifty times narrower than the equal shares of as many shards as an account may have. One hot
    // key's shard stays hot however often it is split: here it ends, after 18 splits of a quarter of the space and not after 126.
    private static readonly UInt128 NarrowestSplit = UInt128.One << 108;

    /// <summary>Fewer shards than this a stream never has by merges: the minimum, what was asked for, and twice the peak of 30 days.</summary>
    /// <param name="warmMibps">Warm throughput in MiB per second.</param>
    /// <param name="peakBytesPerSecond">The greatest write rate of 30 days.</param>
    public static int Floor(int warmMibps, long peakBytesPerSecond)
    {
        var forPeak = ((2 * peakBytesPerSecond) + KinesisLimits.ShardWriteBytesPerSecond - 1) / KinesisLimits.ShardWriteBytesPerSecond;
        return (int)Math.Min(KinesisLimits.MaxShardsOnDemand, Math.Max(Minimum(warmMibps), forPeak));
    }

    /// <summary>As many shards an on-demand stream begins with, or grows to when its mode or warm throughput changes.</summary>
    public static int Minimum(int warmMibps) => Math.Max(KinesisLimits.OnDemandInitialShards, warmMibps);

    /// <summary>The shard to split now: the one with the most load of those that have too much; null when there is none.</summary>
    public static ObservedShard? NextSplit(IReadOnlyList<ObservedShard> shards, DateTimeOffset now)
    {
        if (shards.Count >= KinesisLimits.MaxShardsOnDemand)
            return null;
        ObservedShard? hottest = null;
        foreach (var shard in shards)
        {
            if (shard.Load.OfOneShard > SplitAbove
                && shard.Load.OfOneShard > (hottest?.Load.OfOneShard ?? 0)
                && now - shard.Shard.OpenedAt >= SettlingTime
                && Width(shard) >= NarrowestSplit)
            {
                hottest = shard;
            }
        }

        return hottest;
    }

    /// <summary>The lower one of two neighbours to merge now; null when there are none, or as few shards as may be.</summary>
    /// <param name="shards">The open shards in order of hash key range.</param>
    /// <param name="floor">Of <see cref="Floor"/>.</param>
    /// <param name="now">The time.</param>
    public static (ObservedShard Lower, ObservedShard Upper)? NextMerge(IReadOnlyList<ObservedShard> shards, int floor, DateTimeOffset now)
    {
        if (shards.Count <= floor)
            return null;
        int? narrowest = null;
        for (var i = 0; i + 1 < shards.Count; i++)
        {
            // The narrowest pair first: ranges become even again, and what one hot key left behind goes before what serves.
            if (now - shards[i].QuietSince >= QuietTime && (narrowest is not { } best || Width(shards, i) < Width(shards, best)))
                narrowest = i;
        }

        return narrowest is { } lower ? (shards[lower], shards[lower + 1]) : null;
    }

    private static UInt128 Width(ObservedShard shard) => shard.Shard.HashKeys.End.Value - shard.Shard.HashKeys.Start.Value;

    private static UInt128 Width(IReadOnlyList<ObservedShard> shards, int lower) =>
        shards[lower + 1].Shard.HashKeys.End.Value - shards[lower].Shard.HashKeys.Start.Value;
}
