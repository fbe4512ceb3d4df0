using Weir.Model;
using Weir.Streams.Listing;
using Weir.TestKit;

namespace Weir.Streams.Tests;

/// <summary>
/// The machine's clock is set back and forth by hours under an engine. What must hold: nothing is deleted early, sequence numbers rise,
/// every shard is listed and ends after it began, and throttles do not notice.
/// </summary>
public sealed class ClockTests
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_jump_forward_that_does_not_last_deletes_nothing()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("s", shards: 2);
        await fixture.PutAsync(stream, "k", "kept");
        await SplitFirstAsync(fixture, stream);
        var shards = stream.Current.Shards.All.Count;
        await fixture.Engine.SweepRetentionAsync(Token);

        fixture.Time.ShiftWallClock(TimeSpan.FromHours(30));
        for (var minutes = 0; minutes < 50; minutes += 10)
        {
            await fixture.Engine.SweepRetentionAsync(Token);
            // Out of readers' sight while the clock says so ...
            Assert.Equal(0, Records(fixture, stream));
            fixture.Time.Advance(TimeSpan.FromMinutes(10));
        }

        // ... and back when the clock is.
        fixture.Time.ShiftWallClock(TimeSpan.FromHours(-30));
        await fixture.Engine.SweepRetentionAsync(Token);
        Assert.Equal(1, Records(fixture, stream));
        Assert.Equal(shards, stream.Current.Shards.All.Count);
    }

    [Fact]
    public async Task A_jump_forward_that_lasts_an_hour_is_believed()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("s", shards: 1);
        await fixture.PutAsync(stream, "k", "expires");
        await SplitFirstAsync(fixture, stream);
        fixture.Time.ShiftWallClock(TimeSpan.FromHours(30));
        await fixture.Engine.SweepRetentionAsync(Token);
        Assert.Equal(3, stream.Current.Shards.All.Count);
        fixture.Time.Advance(RetentionClock.Patience);
        await fixture.Engine.SweepRetentionAsync(Token);
        Assert.Equal(2, stream.Current.Shards.All.Count);
        // What it deleted does not come back with the clock.
        fixture.Time.ShiftWallClock(TimeSpan.FromHours(-30));
        Assert.Equal(0, Records(fixture, stream));
    }

    [Fact]
    public async Task A_longer_retention_that_is_set_while_the_clock_is_ahead_hides_nothing_for_ever()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("s", shards: 1);
        await fixture.PutAsync(stream, "k", "kept");
        await fixture.Engine.SweepRetentionAsync(Token);
        fixture.Time.ShiftWallClock(TimeSpan.FromHours(30));
        await fixture.Engine.Settings.SetRetentionAsync(stream, 48);
        Assert.Equal(1, Records(fixture, stream));
        fixture.Time.ShiftWallClock(TimeSpan.FromHours(-30));
        Assert.Equal(1, Records(fixture, stream));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task A_shard_ends_after_it_began_and_is_listed_whatever_the_clock_does(int hours)
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("s", shards: 1);
        fixture.Time.ShiftWallClock(TimeSpan.FromHours(hours));
        var before = await fixture.PutAsync(stream, "k", "parent");
        await SplitFirstAsync(fixture, stream);
        fixture.Time.ShiftWallClock(TimeSpan.FromHours(-hours * 2));
        var after = await fixture.PutAsync(stream, "k", "child");

        var shards = stream.Current.Shards.All;
        Assert.Equal(3, shards.Count);
        Assert.True(shards[0].ClosedAt >= shards[0].OpenedAt, $"{shards[0].OpenedAt:O} to {shards[0].ClosedAt:O}");
        Assert.All(shards.Skip(1), child => Assert.Equal(shards[0].ClosedAt, child.OpenedAt));
        Assert.True(before.SequenceNumber.CompareTo(after.SequenceNumber) < 0, $"{before.SequenceNumber} is not below {after.SequenceNumber}");
        Assert.True(before.SequenceNumber.CompareTo(shards[0].EndingSequenceNumber!.Value) < 0);
        foreach (var now in new[] { fixture.Time.GetUtcNow(), EngineFixture.Begin + TimeSpan.FromHours(20) })
            Assert.Equal(shards, ShardListing.Page(stream.Current, default, after: null, limit: 10, now, out _));
        Assert.Equal(2, Records(fixture, stream));
    }

    [Fact]
    public async Task Throttles_do_not_notice_the_clock()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions { EnforceRates = true });
        var stream = await fixture.CreateAsync("s", shards: 1);
        var shard = stream.Current.Shards.All[0];
        while (shard.Throttle.TryWrite(1000))
        {
        }

        fixture.Time.ShiftWallClock(TimeSpan.FromHours(5));
        Assert.False(shard.Throttle.TryWrite(1000));
        fixture.Time.ShiftWallClock(TimeSpan.FromHours(-10));
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(shard.Throttle.TryWrite(1000));
    }

    private static Task SplitFirstAsync(EngineFixture fixture, DataStream stream)
    {
        var shard = stream.Current.Shards.Open[0];
        return fixture.Engine.Resharding.SplitAsync(stream, shard.Id, new HashKey(shard.HashKeys.Start.Value + ((shard.HashKeys.End.Value - shard.HashKeys.Start.Value) / 2)));
    }

    private static int Records(EngineFixture fixture, DataStream stream) => stream.Current.Shards.All.Sum(shard => fixture.Read(stream, shard.Id).Count);
}
