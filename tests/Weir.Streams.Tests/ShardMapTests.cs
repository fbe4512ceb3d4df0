using Weir.Model;
using Weir.Streams.Throttling;
using Weir.TestKit;

namespace Weir.Streams.Tests;

/// <summary>A map that was changed step by step is the map that is made from all its shards at once.</summary>
public sealed class ShardMapTests
{
    private static readonly ShardThrottle Throttle = new(new ManualTimeProvider(EngineFixture.Begin), 1024 * 1024);

    [Fact]
    public void Every_step_of_random_splits_and_merges_leads_to_the_map_of_all_shards()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var map = new ShardMap(HashKeyRange.Uniform(random.Next(1, 5)).Select((range, i) => Of(i, range)));
            for (var step = 0; step < 60; step++)
            {
                map = random.Next(2) == 0 && map.Open.Count > 1 ? Merge(map, random) : Split(map, random);
                if (random.Next(20) == 0)
                    map = map.Without(map.All.Where(shard => !shard.IsOpen).Take(3).Select(shard => shard.Id).ToHashSet());
                AssertSame(new ShardMap(map.All), map, seed, random);
            }
        }
    }

    private static ShardMap Split(ShardMap map, Random random)
    {
        var parent = map.Open[random.Next(map.Open.Count)];
        var (lower, upper) = parent.HashKeys.SplitAt(new HashKey(parent.HashKeys.Start.Value + ((parent.HashKeys.End.Value - parent.HashKeys.Start.Value) / 2) + 1));
        var next = map.All[^1].Id.Number + 1;
        return map.Replace([parent.Close(EngineFixture.Begin)], [Of(next, lower, parent.Id), Of(next + 1, upper, parent.Id)]);
    }

    private static ShardMap Merge(ShardMap map, Random random)
    {
        var at = random.Next(map.Open.Count - 1);
        var (lower, upper) = (map.Open[at], map.Open[at + 1]);
        return map.Replace(
            [lower.Close(EngineFixture.Begin), upper.Close(EngineFixture.Begin)],
            [Of(map.All[^1].Id.Number + 1, lower.HashKeys.MergeWith(upper.HashKeys), lower.Id, upper.Id)]);
    }

    private static void AssertSame(ShardMap whole, ShardMap changed, int seed, Random random)
    {
        Assert.True(whole.All.SequenceEqual(changed.All), $"The shards differ, seed {seed}.");
        Assert.True(whole.Open.SequenceEqual(changed.Open), $"The open shards differ, seed {seed}.");
        var key = new HashKey((UInt128)random.NextInt64() << 64 | (UInt128)random.NextInt64());
        Assert.True(changed.Route(key).HashKeys.Contains(key));
        foreach (var parent in changed.All)
        {
            Assert.Equal(
                changed.All.Where(shard => shard.Parent == parent.Id || shard.AdjacentParent == parent.Id).Select(shard => shard.Id),
                changed.ChildrenOf(parent.Id).Select(shard => shard.Id));
        }
    }

    private static Shard Of(int number, HashKeyRange range, ShardId? parent = null, ShardId? adjacent = null) => new()
    {
        Id = new ShardId(number),
        HashKeys = range,
        Parent = parent,
        AdjacentParent = adjacent,
        CreatedSeconds = number,
        OpenedAt = EngineFixture.Begin,
        Throttle = Throttle,
    };
}
