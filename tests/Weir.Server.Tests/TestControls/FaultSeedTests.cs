using Weir.Server.Operations;
using Weir.Server.TestControls.Faults;
using Weir.TestKit;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.TestControls;

/// <summary>What a seed promises: the same sequence of requests fails the same way.</summary>
public sealed class FaultSeedTests
{
    [Fact]
    public async Task The_same_requests_fail_the_same_way_with_the_same_seed()
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        await server.CreateStreamAsync("orders");
        var first = await RunAsync(42);
        Assert.Equal(first, await RunAsync(42));
        Assert.NotEqual(first, await RunAsync(43));
        Assert.Contains('x', first);
        Assert.Contains('.', first);

        async Task<string> RunAsync(int seed)
        {
            await controls.DeleteAsync("/_weir/faults");
            await controls.FaultAsync($$"""{"kind":"throttle","operations":["PutRecords"],"rate":0.3,"seed":{{seed}}}""");
            var outcome = "";
            for (var i = 0; i < 5; i++)
            {
                var reply = await server.CallAsync(
                    "PutRecords", new { StreamName = "orders", Records = Enumerable.Range(0, 20).Select(n => new { Data = Bytes("x"), PartitionKey = $"{n}" }) });
                outcome += string.Concat(reply.Succeeded().GetProperty("Records").EnumerateArray().Select(
                    entry => entry.TryGetProperty("ShardId", out var shard) && shard.ValueKind == System.Text.Json.JsonValueKind.String ? '.' : 'x'));
            }

            return outcome;
        }
    }

    [Fact]
    public void The_numbers_that_are_hit_are_part_of_the_contract()
    {
        // Written down, from another implementation of SplitMix64: a new version must not make anybody's seeded tests fail in another way.
        Assert.Equal("2 3 5 7 11 16 17 19 22 25 26 37 38 40", string.Join(' ', Hits(seed: 42, rate: 0.3)));
        Assert.Equal("3 33 34", string.Join(' ', Hits(seed: 0, rate: 0.1)));
    }

    [Fact]
    public void A_higher_rate_hits_what_a_lower_one_hits_and_more()
    {
        Assert.Empty(Hits(seed: 7, rate: 0));
        Assert.Subset(new HashSet<int>(Hits(seed: 7, rate: 0.5)), new HashSet<int>(Hits(seed: 7, rate: 0.2)));
        Assert.Equal(Enumerable.Range(1, 40), Hits(seed: 7, rate: 1));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void A_rate_is_a_share(double rate)
    {
        foreach (var seed in new long[] { 0, 1, -1, 42, long.MaxValue })
        {
            var fault = new Fault(1, new FaultDefinition(FaultKind.Throttle, new FaultFilter([])) { Rate = rate, Seed = seed });
            var hits = Enumerable.Range(0, 20_000).Count(n => fault.Decide(out _));
            // Five standard deviations.
            Assert.InRange(hits, (20_000 * rate) - (5 * Math.Sqrt(20_000 * rate * (1 - rate))), (20_000 * rate) + (5 * Math.Sqrt(20_000 * rate * (1 - rate))));
        }
    }

    [Fact]
    public async Task Under_concurrency_the_numbers_are_the_same_though_not_who_gets_them()
    {
        var definition = new FaultDefinition(FaultKind.Throttle, new FaultFilter([])) { Rate = 0.25, Seed = 5, Skip = 10, Count = 100 };
        var alone = new Fault(1, definition);
        HashSet<long> expected = [];
        for (var i = 0; i < 2000; i++)
        {
            if (alone.Decide(out var number))
                expected.Add(number);
        }

        var shared = new Fault(1, definition);
        var hits = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            List<long> mine = [];
            for (var i = 0; i < 250; i++)
            {
                if (shared.Decide(out var number))
                    mine.Add(number);
            }

            return mine;
        })));
        Assert.Equal(expected.Order(), hits.SelectMany(mine => mine).Order());
        Assert.Equal((2000, 100), shared.Counts);
        Assert.True(expected.Min() > 10);
    }

    [Fact]
    public void A_range_of_latency_is_drawn_by_the_seed()
    {
        var fault = new Fault(
            1,
            new FaultDefinition(FaultKind.Latency, new FaultFilter([])) { Seed = 3, MinLatency = TimeSpan.FromMilliseconds(100), MaxLatency = TimeSpan.FromMilliseconds(500) });
        var latencies = Enumerable.Range(1, 1000).Select(number => fault.LatencyOf(number)).ToList();
        Assert.Equal(latencies, Enumerable.Range(1, 1000).Select(number => fault.LatencyOf(number)));
        Assert.InRange(latencies.Min(), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(110));
        Assert.InRange(latencies.Max(), TimeSpan.FromMilliseconds(490), TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void A_subscription_is_told_once_when_it_breaks_off()
    {
        var faults = new FaultList(new ManualTimeProvider());
        faults.Add(new FaultDefinition(FaultKind.DropSubscription, new FaultFilter([Protocol.KinesisOperation.SubscribeToShard], Shard: new Model.ShardId(1)))
        {
            AfterEvents = 3,
            After = TimeSpan.FromMinutes(1),
            Count = 1,
        });
        Assert.Null(faults.DropOf(Protocol.KinesisOperation.SubscribeToShard, new RequestTarget(null, null, new Model.ShardId(0))));
        var target = new RequestTarget(null, null, new Model.ShardId(1));
        var drop = faults.DropOf(Protocol.KinesisOperation.SubscribeToShard, target)!;
        Assert.Null(faults.DropOf(Protocol.KinesisOperation.SubscribeToShard, target));
        Assert.False(drop.ShouldDrop(2));
        Assert.True(drop.ShouldDrop(3));
        Assert.Equal(TimeSpan.FromMinutes(1), drop.After);
    }

    private static IEnumerable<int> Hits(long seed, double rate)
    {
        var fault = new Fault(1, new FaultDefinition(FaultKind.Throttle, new FaultFilter([])) { Rate = rate, Seed = seed });
        return [.. Enumerable.Range(1, 40).Where(n => fault.Decide(out _))];
    }
}
