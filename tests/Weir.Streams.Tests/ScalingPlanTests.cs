using FsCheck;
using FsCheck.Fluent;
using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.Tests;

/// <summary>The steps of a scaling by themselves, over layouts that no one would make on purpose.</summary>
public sealed class ScalingPlanTests
{
    /// <remarks>
    /// Goal: from any open shards the steps come to exactly the uniform ranges, the space is covered at every instant (the map itself checks
    /// that), and a shard is only ever split in two or merged with its neighbour. Method: random cuts, also one key apart and beside the final
    /// boundaries, then any target; each step is carried out on a map.
    /// </remarks>
    [Fact]
    public void Any_layout_comes_to_the_uniform_ranges_by_single_splits_and_pairwise_merges() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(1, 30).ToArbitrary(), Gen.Choose(1, 30).ToArbitrary(), (seed, count, target) =>
        {
            var start = Layout(new Random(seed), count, target);
            var plan = new ScalingPlan(target);
            var peak = plan.Peak(start);
            var map = new ShardMap(start);
            var (steps, most) = (0, 0);
            while (plan.Next(map.Open) is { } step)
            {
                map = Carry(map, step);
                most = Math.Max(most, map.Open.Count);
                steps++;
            }

            Assert.Equal(HashKeyRange.Uniform(target), map.Open.Select(shard => shard.HashKeys));
            Assert.Equal(peak, Math.Max(most, start.Count));
            // Every split adds one and every merge takes one away: no step is made twice.
            Assert.Equal(peak - start.Count + (peak - target), steps);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_shard_that_becomes_many_has_descendants_of_few_generations()
    {
        var plan = new ScalingPlan(128);
        var map = new ShardMap([Open(0, HashKeyRange.Whole)]);
        while (plan.Next(map.Open) is { } step)
            map = Carry(map, step);
        Assert.Equal(7, map.Open.Max(shard => Generation(map, shard)));

        plan = new ScalingPlan(1);
        while (plan.Next(map.Open) is { } step)
            map = Carry(map, step);
        Assert.Equal(14, Generation(map, Assert.Single(map.Open)));
    }

    private static int Generation(ShardMap map, Shard shard) =>
        shard.Parent is not { } parent ? 0
        : 1 + Math.Max(Generation(map, map.Find(parent)!), shard.AdjacentParent is { } adjacent ? Generation(map, map.Find(adjacent)!) : 0);

    private static List<Shard> Layout(Random random, int count, int target)
    {
        var finals = HashKeyRange.Uniform(target);
        var starts = new SortedSet<UInt128> { 0 };
        while (starts.Count < count)
        {
            var cut = random.Next(3) switch
            {
                0 => new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()) << 1,
                1 => unchecked(finals[random.Next(target)].Start.Value + (UInt128)random.Next(3) - 1),
                _ => unchecked(starts.ElementAt(random.Next(starts.Count)) + (UInt128)random.Next(1, 3)),
            };
            starts.Add(cut);
        }

        var ordered = starts.ToList();
        return [.. ordered.Select((start, i) => Open(i, new HashKeyRange(
            new HashKey(start), i + 1 < ordered.Count ? new HashKey(ordered[i + 1] - 1) : HashKey.Max)))];
    }

    private static ShardMap Carry(ShardMap map, ReshardRow step)
    {
        var parent = map.Find(step.Parent)!;
        Assert.True(parent.IsOpen);
        var next = map.All[^1].Id.Number + 1;
        if (step.SplitAt is { } at)
        {
            Assert.Null(step.Adjacent);
            var (lower, upper) = parent.HashKeys.SplitAt(at);
            return map.Replace([parent.Close(EngineFixture.Begin)], [Open(next, lower, parent.Id), Open(next + 1, upper, parent.Id)]);
        }

        var adjacent = map.Find(step.Adjacent!.Value)!;
        Assert.True(adjacent.IsOpen);
        return map.Replace(
            [parent.Close(EngineFixture.Begin), adjacent.Close(EngineFixture.Begin)],
            [Open(next, parent.HashKeys.MergeWith(adjacent.HashKeys), parent.Id, adjacent.Id)]);
    }

    private static Shard Open(int number, HashKeyRange keys, ShardId? parent = null, ShardId? adjacent = null) => new()
    {
        Id = new ShardId(number),
        HashKeys = keys,
        Parent = parent,
        AdjacentParent = adjacent,
        CreatedSeconds = 1,
        OpenedAt = EngineFixture.Begin,
        Throttle = new Streams.Throttling.ShardThrottle(TimeProvider.System, KinesisLimits.DefaultMaxRecordBytes),
    };
}
