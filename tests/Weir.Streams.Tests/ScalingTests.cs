using Weir.Model;

namespace Weir.Streams.Tests;

public sealed class ScalingTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 6)]
    [InlineData(4, 3)]
    [InlineData(5, 3)]
    [InlineData(7, 7)]
    public async Task Scaling_comes_to_equal_ranges_with_a_family_of_splits_and_merges(int before, int target)
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", before);
        var result = await fixture.Engine.Scaling.BeginAsync(stream, target);
        Assert.Equal((before == target ? ScalingOutcome.Unchanged : ScalingOutcome.Started, before), (result.Outcome, result.OpenShards));
        await UntilActiveAsync(stream);
        AssertScaled(stream, target);
        await fixture.RestartAsync();
        AssertScaled(Again(fixture), target);
    }

    [Fact]
    public async Task What_the_protocol_forbids_is_refused_and_leaves_the_stream_as_it_was()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 5);
        Assert.Equal(ScalingOutcome.AboveDouble, await OutcomeAsync(fixture, stream, 11));
        Assert.Equal(ScalingOutcome.AboveDouble, await OutcomeAsync(fixture, stream, int.MaxValue));
        Assert.Equal(ScalingOutcome.BelowHalf, await OutcomeAsync(fixture, stream, 2));
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);

        var large = await fixture.CreateAsync("large", shards: 6_000);
        Assert.Equal(ScalingOutcome.TooManyShards, await OutcomeAsync(fixture, large, KinesisLimits.MaxShardsByScaling + 1));
        await fixture.CreateAsync("larger", shards: KinesisLimits.MaxShardsPerAccount - 6_000 - 5 - 2);
        var result = await fixture.Engine.Scaling.BeginAsync(stream, 8);
        // Four old boundaries and seven new ones, none in common: twelve pieces at once.
        Assert.Equal((ScalingOutcome.ShardLimit, 7), (result.Outcome, result.AdditionalShards));
    }

    [Fact]
    public async Task A_stream_is_UPDATING_until_it_is_scaled_and_takes_records_all_the_time()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions { TransitionDelay = TimeSpan.FromSeconds(5), EnforceRates = false });
        var name = EngineFixture.Name("orders");
        await fixture.Engine.Lifecycle.CreateAsync(new NewStream(name, 2), TestContext.Current.CancellationToken);
        var stream = fixture.Engine.Streams.Find(name)!;
        await AdvanceUntilActiveAsync(fixture, stream);
        Assert.Equal(ScalingOutcome.Started, await OutcomeAsync(fixture, stream, 3));
        Assert.Equal(StreamStatus.Updating, stream.Current.Row.Status);
        Assert.Equal(4, fixture.Engine.OpenShards(name.Account, name.Region));
        Assert.Equal(ScalingOutcome.NotActive, await OutcomeAsync(fixture, stream, 4));
        Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, "a", "still taken")).Status);
        await AdvanceUntilActiveAsync(fixture, stream);
        AssertScaled(stream, 3);
        Assert.Equal(3, fixture.Engine.OpenShards(name.Account, name.Region));
    }

    /// <remarks>
    /// Goal: whatever step a process dies at, the next start goes on, and no record is lost or doubled. Method: from 2 to 3 shards four shards
    /// are closed; each of these closings fails, before or after its effect; the engine is dropped and another one started.
    /// </remarks>
    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public async Task A_scaling_that_a_crash_interrupts_is_finished_after_the_next_start(int closingsBefore, bool afterTheEffect)
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 2);
        for (var i = 0; i < 20; i++)
            Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, $"key{i}", $"before {i}")).Status);

        await FailAsync(fixture, stream, closingsBefore, afterTheEffect, target: 3);
        Assert.Equal(StreamStatus.Updating, stream.Current.Row.Status);
        await fixture.RestartAsync();
        stream = Again(fixture);
        await UntilActiveAsync(stream);
        AssertScaled(stream, 3);
        Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, "key0", "after")).Status);
        Assert.Equal(21, stream.Current.Shards.All.Sum(shard => fixture.Read(stream, shard.Id).Count));
    }

    [Fact]
    public async Task A_step_that_fails_while_the_process_lives_is_tried_again()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 2);
        await FailAsync(fixture, stream, closingsBefore: 1, afterTheEffect: true, target: 4);
        await AdvanceUntilActiveAsync(fixture, stream);
        AssertScaled(stream, 4);
    }

    [Fact]
    public async Task A_stream_that_is_deleted_meanwhile_goes()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 2);
        await FailAsync(fixture, stream, closingsBefore: 0, afterTheEffect: false, target: 4);
        await fixture.Engine.Lifecycle.DeleteAsync(stream, evenWithConsumers: false);
        Assert.Null(fixture.Engine.Streams.Find(stream.Name));
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await fixture.RestartAsync();
        Assert.Null(fixture.Engine.Streams.Find(stream.Name));
    }

    [Fact]
    public async Task Ten_scalings_in_a_rolling_day_are_the_most_also_over_restarts()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        for (var i = 0; i < KinesisLimits.MaxScalingsPerPeriod; i++)
        {
            Assert.Equal(ScalingOutcome.Unchanged, await OutcomeAsync(fixture, stream, 1 + (i % 2)));
            Assert.Equal(ScalingOutcome.Started, await OutcomeAsync(fixture, stream, 2 - (i % 2)));
            await UntilActiveAsync(stream);
            fixture.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(ScalingOutcome.TooOften, await OutcomeAsync(fixture, stream, 2));
        await fixture.RestartAsync();
        stream = Again(fixture);
        fixture.Time.Advance(TimeSpan.FromHours(14) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(ScalingOutcome.TooOften, await OutcomeAsync(fixture, stream, 2));
        fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(ScalingOutcome.Started, await OutcomeAsync(fixture, stream, 2));
        await UntilActiveAsync(stream);
        Assert.Equal(ScalingOutcome.TooOften, await OutcomeAsync(fixture, stream, 1));
    }

    /// <remarks>
    /// Goal: no record is lost, doubled or reordered by scalings under load. Method: writers put numbered records of their own keys while the
    /// stream is scaled up and down; then every key's records are read along the family, parents before children.
    /// </remarks>
    [Fact]
    public async Task Puts_during_scalings_lose_and_reorder_nothing()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 3);
        const int writers = 8, recordsEach = 300;
        var load = Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < recordsEach; i++)
                Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, $"writer{writer}", $"{i}")).Status);
        })).ToArray();
        foreach (var target in new[] { 6, 5, 9, 5, 7, 4, 8, 11 })
        {
            Assert.Equal(ScalingOutcome.Started, await OutcomeAsync(fixture, stream, target));
            await UntilActiveAsync(stream);
            AssertScaled(stream, target);
            fixture.Time.Advance(TimeSpan.FromMilliseconds(700));
        }

        await Task.WhenAll(load);
        var byKey = stream.Current.Shards.All.OrderBy(shard => shard.StartingSequenceNumber)
            .SelectMany(shard => fixture.Read(stream, shard.Id)).ToLookup(record => record.Key, record => int.Parse(record.Data));
        Assert.Equal(writers, byKey.Count);
        Assert.All(byKey, key => Assert.Equal(Enumerable.Range(0, recordsEach), key));
    }

    private static void AssertScaled(DataStream stream, int target)
    {
        var shards = stream.Current.Shards;
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);
        Assert.Equal(HashKeyRange.Uniform(target), shards.Open.Select(shard => shard.HashKeys));
        Assert.Equal(Enumerable.Range(0, shards.All.Count), shards.All.Select(shard => shard.Id.Number));
        foreach (var parent in shards.All.Where(shard => !shard.IsOpen))
        {
            var children = shards.ChildrenOf(parent.Id).ToList();
            Assert.Equal(children[0].AdjacentParent is null ? 2 : 1, children.Count);
            Assert.All(children, child => Assert.Equal(parent.ClosedAt, child.OpenedAt));
            Assert.All(children, child => Assert.True(child.StartingSequenceNumber.CompareTo(parent.EndingSequenceNumber!.Value) > 0));
        }
    }

    private static async Task FailAsync(EngineFixture fixture, DataStream stream, int closingsBefore, bool afterTheEffect, int target)
    {
        var timers = fixture.Time.ActiveTimers;
        fixture.Logs.CloseFailsAfter = closingsBefore;
        fixture.Logs.FailureComesAfterTheEffect = afterTheEffect;
        Assert.Equal(ScalingOutcome.Started, await OutcomeAsync(fixture, stream, target));
        // The step has failed when the next attempt waits for its time.
        while (fixture.Time.ActiveTimers == timers)
            await Task.Yield();
    }

    private static async Task<ScalingOutcome> OutcomeAsync(EngineFixture fixture, DataStream stream, int target) =>
        (await fixture.Engine.Scaling.BeginAsync(stream, target)).Outcome;

    private static DataStream Again(EngineFixture fixture) => fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!;

    private static async Task UntilActiveAsync(DataStream stream)
    {
        while (stream.Current is { Row.Status: not StreamStatus.Active } seen)
            await stream.ChangedSince(seen).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static async Task AdvanceUntilActiveAsync(EngineFixture fixture, DataStream stream)
    {
        while (stream.Current.Row.Status != StreamStatus.Active)
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
