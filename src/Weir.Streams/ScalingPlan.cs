using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams;

/// <summary>The way from any open shards to a number of equal ones, by single splits and by merges of two neighbours.</summary>
/// <remarks>
/// First every open shard is split at the final boundaries inside it, then neighbours within one final range are merged:
/// <code>
///   open     [     a     ][  b  ][     c     ]
///   split    [   ][      ][     ][      ][   ]     the final boundaries are all there
///   final    [   ][          ][         ][   ]     ...and the others go
/// </code>
/// A step follows from the open shards and the target alone. So a scaling needs no list of steps that could get lost or out of date: after
/// a crash the layout says what is left. Splits halve and merges pair the youngest last, so that a family is as short as it can be.
/// Immutable.
/// </remarks>
public sealed class ScalingPlan : IShardPlan
{
    private readonly int _target;
    private readonly UInt128 _width;

    /// <summary>Makes a plan.</summary>
    /// <param name="target">The number of equal ranges to come to, at least 1.</param>
    public ScalingPlan(int target)
    {
        _target = target;
        // As wide as the service makes them (spec section 5.1). The only range of one shard has no width that 128 bits hold.
        _width = target == 1 ? UInt128.MaxValue : HashKeyRange.Uniform(target)[0].End.Value + 1;
    }

    /// <inheritdoc />
    public ReshardRow? Next(IReadOnlyList<Shard> open) => NextSplit(open) ?? NextMerge(open);

    /// <inheritdoc />
    /// <remarks>That is when every split is done and no merge.</remarks>
    public int Peak(IReadOnlyList<Shard> open) =>
        open.Sum(shard => RangeOf(shard.HashKeys.End) - RangeOf(shard.HashKeys.Start) + 1);

    private ReshardRow? NextSplit(IReadOnlyList<Shard> open)
    {
        foreach (var shard in open)
        {
            int first = RangeOf(shard.HashKeys.Start), last = RangeOf(shard.HashKeys.End);
            // The boundary in the middle: a shard that becomes n has children of about log n generations instead of n.
            if (first < last)
                return new ReshardRow(shard.Id, null, new HashKey(_width * (UInt128)((first + last + 1) / 2)));
        }

        return null;
    }

    private ReshardRow? NextMerge(IReadOnlyList<Shard> open)
    {
        ReshardRow? oldest = null;
        var youngestOfOldest = int.MaxValue;
        for (var i = 0; i + 1 < open.Count; i++)
        {
            if (RangeOf(open[i].HashKeys.Start) != RangeOf(open[i + 1].HashKeys.Start))
                continue;
            var youngest = Math.Max(open[i].Id.Number, open[i + 1].Id.Number);
            if (youngest >= youngestOfOldest)
                continue;
            oldest = new ReshardRow(open[i].Id, open[i + 1].Id, null);
            youngestOfOldest = youngest;
        }

        return oldest;
    }

    // The last range takes what is left over.
    private int RangeOf(HashKey key) => _target == 1 ? 0 : (int)UInt128.Min(key.Value / _width, (UInt128)_target - 1);
}
