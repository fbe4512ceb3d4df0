using FsCheck;
using FsCheck.Fluent;
using Weir.Model;
using Weir.Streams.Listing;

namespace Weir.Streams.Tests.Listing;

public sealed class ShardFilterTests
{
    /// <remarks>
    /// Goal: at whatever instant, the shards that AT_TIMESTAMP shows cover the hash key space exactly once (the KCL insists on it). Method:
    /// random splits and merges at random times, then every switch time, its neighbours, and the ends are asked for.
    /// </remarks>
    [Fact]
    public async Task At_any_time_the_shards_shown_cover_the_space_exactly_once()
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            await using var fixture = await EngineFixture.StartAsync();
            var stream = await fixture.CreateAsync("orders", shards: 2);
            var random = new Random(seed);
            for (var i = 0; i < 12; i++)
            {
                fixture.Time.Advance(TimeSpan.FromMilliseconds(random.Next(1, 4000)));
                var open = stream.Current.Shards.Open;
                if (open.Count > 4)
                    await fixture.Engine.Resharding.MergeAsync(stream, open[0].Id, open[1].Id);
                else
                    await fixture.Engine.Resharding.SplitAsync(stream, open[0].Id, new HashKey((open[0].HashKeys.Start.Value / 2) + (open[0].HashKeys.End.Value / 2)));
            }

            var switches = stream.Current.Shards.All.Select(shard => shard.OpenedAt).Distinct().ToList();
            foreach (var time in switches.Concat(switches.Select(at => at.AddMilliseconds(1))).Append(fixture.Time.GetUtcNow()))
                AssertCovers(fixture, stream, new ShardFilter(ShardFilterKind.AtTimestamp, time));
            AssertCovers(fixture, stream, new ShardFilter(ShardFilterKind.AtTrimHorizon));
            AssertCovers(fixture, stream, new ShardFilter(ShardFilterKind.AtLatest));
        }
    }

    [Fact]
    public async Task A_time_before_the_horizon_shows_the_shards_at_the_horizon()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        await fixture.Engine.Resharding.SplitAsync(stream, new ShardId(0), new HashKey(1000));
        AssertCovers(fixture, stream, new ShardFilter(ShardFilterKind.AtTimestamp, EngineFixture.Begin.AddYears(-1)));
        fixture.Time.Advance(TimeSpan.FromHours(25));
        AssertCovers(fixture, stream, new ShardFilter(ShardFilterKind.AtTimestamp, EngineFixture.Begin));
        AssertCovers(fixture, stream, new ShardFilter(ShardFilterKind.AtTimestamp, EngineFixture.Begin.AddYears(-1)));
    }

    [Fact]
    public async Task Pages_continue_where_the_last_one_ended()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 5);
        var seen = new List<int>();
        ShardId? after = null;
        bool more;
        do
        {
            var page = ShardListing.Page(stream.Current, new ShardFilter(ShardFilterKind.FromTrimHorizon), after, 2, fixture.Time.GetUtcNow(), out more);
            seen.AddRange(page.Select(shard => shard.Id.Number));
            after = page[^1].Id;
        }
        while (more);
        Assert.Equal([0, 1, 2, 3, 4], seen);
    }

    [Fact]
    public async Task A_listing_token_opens_as_it_was_sealed()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var token = new ShardListingToken(
            new Log.LogId(3), EngineFixture.Name("orders"), new ShardFilter(ShardFilterKind.AfterShardId, default, new ShardId(4)), new ShardId(9), EngineFixture.Begin);
        var opened = ShardListingToken.Open(fixture.Engine.Tokens, token.Seal(fixture.Engine.Tokens))!;
        Assert.Equal((token.StreamId, token.Stream, token.After, token.IssuedAt), (opened.StreamId, opened.Stream, opened.After, opened.IssuedAt));
        Assert.Equal((token.Filter.Kind, token.Filter.After), (opened.Filter.Kind, opened.Filter.After));
    }

    [Fact]
    public void Routing_finds_the_shard_whose_range_contains_the_key() => Prop.ForAll(
        Gen.Choose(1, 300).ToArbitrary(), ArbMap.Default.ArbFor<string>(), (count, key) =>
        {
            var shards = HashKeyRange.Uniform(count).Select((range, i) => new Shard
            {
                Id = new ShardId(i),
                HashKeys = range,
                CreatedSeconds = 1,
                OpenedAt = EngineFixture.Begin,
                Throttle = new Streams.Throttling.ShardThrottle(TimeProvider.System, KinesisLimits.DefaultMaxRecordBytes),
            });
            var hash = HashKey.Of(key ?? "");
            return new ShardMap(shards).Route(hash).HashKeys.Contains(hash);
        }).QuickCheckThrowOnFailure();

    private static void AssertCovers(EngineFixture fixture, DataStream stream, ShardFilter filter)
    {
        var shards = ShardListing.Page(stream.Current, filter, null, 1000, fixture.Time.GetUtcNow(), out _)
            .OrderBy(shard => shard.HashKeys.Start).ToList();
        Assert.Equal(HashKey.Min, shards[0].HashKeys.Start);
        Assert.Equal(HashKey.Max, shards[^1].HashKeys.End);
        for (var i = 0; i + 1 < shards.Count; i++)
            Assert.True(shards[i].HashKeys.IsFollowedBy(shards[i + 1].HashKeys), $"{filter}: {shards[i].Id} is not followed by {shards[i + 1].Id}.");
    }
}
