using Weir.Model;
using Weir.Streams.Catalog;
using Weir.Streams.OnDemand;

namespace Weir.Streams.Tests.OnDemand;

/// <summary>Modes, warm throughput and distribution: what changes at once, what grows, and what a crash leaves to the next start.</summary>
public sealed class CapacitySettingsTests
{
    private const string Account = "000000000000";
    private const string Region = "us-east-1";

    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 4)]
    [InlineData(4, 4)]
    [InlineData(9, 9)]
    public async Task A_stream_that_becomes_on_demand_keeps_its_shards_or_grows_to_four_by_splits_alone(int before, int after)
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", before);
        Assert.Equal(CapacityOutcome.Changed, await fixture.Engine.Capacity.SetModeAsync(stream, StreamMode.OnDemand, warmMibps: 0));
        await UntilActiveAsync(stream);
        AssertGrown(stream, before, after);
        await fixture.RestartAsync();
        AssertGrown(Again(fixture), before, after);
    }

    /// <remarks>From 1 to 4 shards three are closed. Each closing fails before or after its effect, the engine is dropped, another one goes on.</remarks>
    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task A_growth_that_a_crash_interrupts_is_finished_after_the_next_start(int closingsBefore, bool afterTheEffect)
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        for (var i = 0; i < 20; i++)
            Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, $"key{i}", $"{i}")).Status);
        fixture.Logs.CloseFailsAfter = closingsBefore;
        fixture.Logs.FailureComesAfterTheEffect = afterTheEffect;
        Assert.Equal(CapacityOutcome.Changed, await fixture.Engine.Capacity.SetModeAsync(stream, StreamMode.OnDemand, warmMibps: 0));
        await WhileAsync(() => fixture.Logs.CloseFailsAfter is not null || stream.Current.Shards.All.Count < 1 + (2 * closingsBefore));
        await fixture.RestartAsync();
        stream = Again(fixture);
        await UntilActiveAsync(stream);
        AssertGrown(stream, 1, 4);
        Assert.Equal(20, stream.Current.Shards.All.Sum(shard => fixture.Read(stream, shard.Id).Count));
    }

    [Fact]
    public async Task A_stream_that_becomes_provisioned_keeps_its_shards_and_loses_what_only_on_demand_streams_have()
    {
        await using var fixture = await EngineFixture.StartAsync();
        await fixture.Engine.Accounts.SetCommitmentAsync(Account, Region, enabled: true);
        var stream = await fixture.CreateAsync("orders", shards: 4);
        Assert.Equal(CapacityOutcome.Changed, await fixture.Engine.Capacity.SetModeAsync(stream, StreamMode.OnDemand, warmMibps: 6));
        await UntilActiveAsync(stream);
        Assert.Equal(CapacityOutcome.Changed, await fixture.Engine.Capacity.SetDistributionAsync(stream, RecordDistribution.Auto));
        Assert.Equal(CapacityOutcome.Changed, await fixture.Engine.Capacity.SetModeAsync(stream, StreamMode.Provisioned, warmMibps: 0));
        foreach (var row in new[] { stream.Current.Row, await RestartedAsync(fixture) })
        {
            Assert.Equal(
                (StreamStatus.Active, StreamMode.Provisioned, 0, RecordDistribution.UserPartitionKey), (row.Status, row.Mode, row.WarmMibps, row.Distribution));
        }

        Assert.Equal(6, Again(fixture).Current.Shards.Open.Count);
    }

    [Fact]
    public async Task The_mode_changes_twice_in_a_rolling_day_also_over_a_restart()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 4);
        Assert.Equal(CapacityOutcome.Unchanged, await ModeAsync(fixture, stream, StreamMode.Provisioned));
        Assert.Equal(CapacityOutcome.Changed, await ModeAsync(fixture, stream, StreamMode.OnDemand));
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(CapacityOutcome.Changed, await ModeAsync(fixture, stream, StreamMode.Provisioned));
        Assert.Equal(CapacityOutcome.TooOften, await ModeAsync(fixture, stream, StreamMode.OnDemand));
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);
        await fixture.RestartAsync();
        stream = Again(fixture);
        fixture.Time.Advance(TimeSpan.FromHours(23) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(CapacityOutcome.TooOften, await ModeAsync(fixture, stream, StreamMode.OnDemand));
        fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(CapacityOutcome.Changed, await ModeAsync(fixture, stream, StreamMode.OnDemand));
    }

    [Fact]
    public async Task Warm_throughput_grows_the_stream_while_it_is_UPDATING_and_takes_records()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions { TransitionDelay = TimeSpan.FromSeconds(5), EnforceRates = false });
        await fixture.Engine.Accounts.SetCommitmentAsync(Account, Region, enabled: true);
        var name = EngineFixture.Name("orders");
        await fixture.Engine.Lifecycle.CreateAsync(new NewStream(name, 4) { Mode = StreamMode.OnDemand }, TestContext.Current.CancellationToken);
        var stream = Again(fixture);
        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        await UntilActiveAsync(stream);
        Assert.Equal(CapacityOutcome.Changed, await fixture.Engine.Capacity.SetWarmThroughputAsync(stream, 6));
        Assert.Equal((StreamStatus.Updating, 6, 4), (stream.Current.Row.Status, stream.Current.Row.WarmMibps, stream.Current.Shards.Open.Count));
        Assert.Equal(6, fixture.Engine.OpenShards(Account, Region));
        Assert.Equal(CapacityOutcome.NotActive, await fixture.Engine.Capacity.SetWarmThroughputAsync(stream, 8));
        Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, "a", "taken")).Status);
        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        await UntilActiveAsync(stream);
        Assert.Equal(6, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task What_is_not_allowed_changes_nothing()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 2);
        var capacity = fixture.Engine.Capacity;
        Assert.Equal(CapacityOutcome.NotCommitted, await capacity.SetModeAsync(stream, StreamMode.OnDemand, warmMibps: 5));
        Assert.Equal(CapacityOutcome.NotOnDemand, await capacity.SetWarmThroughputAsync(stream, 5));
        Assert.Equal(CapacityOutcome.NotOnDemand, await capacity.SetDistributionAsync(stream, RecordDistribution.Auto));
        await fixture.Engine.Accounts.SetCommitmentAsync(Account, Region, enabled: true);
        Assert.Equal(CapacityOutcome.WarmTooHigh, await capacity.SetModeAsync(stream, StreamMode.OnDemand, KinesisLimits.MaxWarmThroughputMibps + 1));
        await fixture.CreateAsync("large", KinesisLimits.MaxShardsPerAccount - 3);
        Assert.Equal(CapacityOutcome.ShardLimit, await capacity.SetModeAsync(stream, StreamMode.OnDemand, warmMibps: 0));
        Assert.Equal((StreamStatus.Active, StreamMode.Provisioned, 2), (stream.Current.Row.Status, stream.Current.Row.Mode, stream.Current.Shards.All.Count));
    }

    [Fact]
    public async Task An_account_has_fifty_on_demand_streams_by_creation_and_by_change()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var last = await fixture.CreateAsync("last", shards: 4);
        for (var i = 0; i < KinesisLimits.MaxOnDemandStreams; i++)
            Assert.Equal(CreateOutcome.Created, await CreateOnDemandAsync(fixture, $"stream{i}"));
        Assert.Equal(CreateOutcome.TooManyOnDemand, await CreateOnDemandAsync(fixture, "another"));
        Assert.Equal(CapacityOutcome.TooManyOnDemand, await ModeAsync(fixture, last, StreamMode.OnDemand));
        Assert.Equal(CapacityOutcome.Changed, await ModeAsync(fixture, fixture.Engine.Streams.Find(EngineFixture.Name("stream7"))!, StreamMode.Provisioned));
        Assert.Equal(CapacityOutcome.Changed, await ModeAsync(fixture, last, StreamMode.OnDemand));
    }

    [Fact]
    public async Task Records_of_a_stream_that_spreads_them_go_to_all_shards_alike_and_keep_the_key_that_they_have()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 4);
        await ModeAsync(fixture, stream, StreamMode.OnDemand);
        Assert.Equal(CapacityOutcome.Changed, await fixture.Engine.Capacity.SetDistributionAsync(stream, RecordDistribution.Auto));
        using (var outcomes = PutOutcomes.Rent(10))
        {
            await fixture.Engine.Records.AppendAsync(stream, new TextSource([.. Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? "same" : "", $"{i}"))]), outcomes);
            Assert.All(outcomes.All.ToArray(), outcome => Assert.Equal(PutStatus.Accepted, outcome.Status));
        }

        Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, "same", "10")).Status);
        Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, "same", "11")).Status);
        var byShard = stream.Current.Shards.Open.Select(shard => fixture.Read(stream, shard.Id)).ToList();
        Assert.All(byShard, records => Assert.Equal(3, records.Count));
        Assert.All(byShard.SelectMany(records => records), record => Assert.Equal(int.Parse(record.Data) % 2 == 0 || record.Data == "11" ? "same" : "", record.Key));
    }

    [Fact]
    public async Task Spread_records_that_meet_a_split_find_an_open_shard()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 4);
        await ModeAsync(fixture, stream, StreamMode.OnDemand);
        await fixture.Engine.Capacity.SetDistributionAsync(stream, RecordDistribution.Auto);
        var load = Task.Run(async () =>
        {
            for (var i = 0; i < 1000; i++)
                Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, "", $"{i}")).Status);
        }, TestContext.Current.CancellationToken);
        while (!load.IsCompleted)
        {
            var shard = stream.Current.Shards.Open[0];
            await fixture.Engine.Resharding.SplitAsync(stream, shard.Id, GrowthPlan.Middle(shard.HashKeys));
        }

        await load;
        var read = stream.Current.Shards.All.SelectMany(shard => fixture.Read(stream, shard.Id)).Select(record => int.Parse(record.Data)).Order();
        Assert.Equal(Enumerable.Range(0, 1000), read);
    }

    private static void AssertGrown(DataStream stream, int before, int after)
    {
        Assert.Equal((StreamStatus.Active, StreamMode.OnDemand), (stream.Current.Row.Status, stream.Current.Row.Mode));
        Assert.Equal(after, stream.Current.Shards.Open.Count);
        // Splits alone: each closes one and opens two.
        Assert.Equal(before + (2 * (after - before)), stream.Current.Shards.All.Count);
    }

    private static Task<CapacityOutcome> ModeAsync(EngineFixture fixture, DataStream stream, StreamMode mode) =>
        fixture.Engine.Capacity.SetModeAsync(stream, mode, warmMibps: 0);

    private static Task<CreateOutcome> CreateOnDemandAsync(EngineFixture fixture, string name) => fixture.Engine.Lifecycle.CreateAsync(
        new NewStream(EngineFixture.Name(name), 4) { Mode = StreamMode.OnDemand }, TestContext.Current.CancellationToken);

    private static async Task<StreamRow> RestartedAsync(EngineFixture fixture)
    {
        await fixture.RestartAsync();
        return Again(fixture).Current.Row;
    }

    private static DataStream Again(EngineFixture fixture) => fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!;

    private static async Task UntilActiveAsync(DataStream stream)
    {
        while (stream.Current is { Row.Status: not StreamStatus.Active } seen)
            await stream.ChangedSince(seen).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static async Task WhileAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (holds())
        {
            Assert.False(patience.IsCancellationRequested, "Waited in vain.");
            await Task.Yield();
        }
    }
}
