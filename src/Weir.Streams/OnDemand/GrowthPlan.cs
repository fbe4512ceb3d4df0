using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.OnDemand;

/// <summary>The way of an on-demand stream up to a number of shards: the widest shard is split in its middle until there are as many.</summary>
/// <remarks>
/// Splits only, so that each step adds what was asked for: equal ranges (<see cref="ScalingPlan"/>) would take merges too, and nobody
/// chose this stream's ranges. Four shards become six by two splits instead of four and two merges. Immutable.
/// </remarks>
/// <param name="target">How many shards shall be open at least.</param>
public sealed class GrowthPlan(int target) : IShardPlan
{
    /// <inheritdoc />
    public ReshardRow? Next(IReadOnlyList<Shard> open)
    {
        if (open.Count >= target)
            return null;
        var widest = open.MaxBy(shard => shard.HashKeys.End.Value - shard.HashKeys.Start.Value)!;
        return new ReshardRow(widest.Id, null, Middle(widest.HashKeys));
    }

    /// <inheritdoc />
    public int Peak(IReadOnlyList<Shard> open) => Math.Max(open.Count, target);

    /// <summary>Where the upper half of a range begins; the lower half is no narrower.</summary>
    public static HashKey Middle(HashKeyRange range) => new(range.Start.Value + ((range.End.Value - range.Start.Value) / 2) + 1);
}
