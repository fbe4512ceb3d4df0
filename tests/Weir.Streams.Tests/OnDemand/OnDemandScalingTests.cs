using Weir.Model;
using Weir.Streams.OnDemand;

namespace Weir.Streams.Tests.OnDemand;

/// <summary>On-demand streams follow their traffic: hours and weeks of it in virtual time, counted on the shards as puts count it.</summary>
public sealed class OnDemandScalingTests
{
    private const long MiB = 1024 * 1024;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Puts_alone_make_a_stream_grow_with_nothing_but_the_clock_to_drive_it()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await CreateAsync(fixture);
        var records = new TextSource([.. Enumerable.Repeat(("hot", ""), KinesisLimits.MaxPutRecordsEntries)]);
        // 900 records a second of one key: nine tenths of what its shard may take.
        for (var minute = 0; minute < 20 && stream.Current.Shards.Open.Count == 4; minute++)
        {
            for (var i = 0; i < 900 * 60 / records.Count; i++)
            {
                using var outcomes = PutOutcomes.Rent(records.Count);
                await fixture.Engine.Records.AppendAsync(stream, records, outcomes);
                Assert.Equal(PutStatus.Accepted, outcomes.All[^1].Status);
            }

            fixture.Time.Advance(Minute);
            await fixture.Engine.OnDemand.LookAsync(TestContext.Current.CancellationToken);
        }

        var parent = stream.Current.Shards.All.Single(shard => !shard.IsOpen);
        Assert.True(parent.HashKeys.Contains(HashKey.Of("hot")));
        Assert.Equal(5, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task The_loop_looks_by_itself_once_a_minute()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await CreateAsync(fixture);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await fixture.PutAsync(stream, "a", "wakes it");
        while (stream.Current.Shards.Open.Count == 4)
        {
            Assert.False(patience.IsCancellationRequested, "Nobody looks.");
            Feed(stream.Current.Shards.Open[0], MiB, 0, Minute);
            fixture.Time.Advance(Minute);
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_shard_above_half_of_its_bytes_is_split_in_its_middle_after_a_quarter_of_an_hour()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await CreateAsync(fixture);
        var hot = stream.Current.Shards.Open[2];
        await RunAsync(fixture, stream, 14, shard => shard == hot ? (MiB, 10) : (MiB / 5, 10));
        Assert.Equal(4, stream.Current.Shards.Open.Count);
        await RunAsync(fixture, stream, 1, shard => shard == hot ? (MiB, 10) : (MiB / 5, 10));
        Assert.Equal(5, stream.Current.Shards.Open.Count);
        var children = stream.Current.Shards.ChildrenOf(hot.Id).ToList();
        Assert.Equal(
            [(hot.HashKeys.Start, new HashKey(UInt128.One << 127 | (UInt128.One << 125) - 1)), (new HashKey(UInt128.One << 127 | UInt128.One << 125), hot.HashKeys.End)],
            children.Select(child => (child.HashKeys.Start, child.HashKeys.End)));
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);
    }

    [Theory]
    [InlineData(0.48, 0.1)]
    [InlineData(0.1, 0.48)]
    public async Task Shards_below_half_of_both_limits_stay(double ofBytes, double ofRecords)
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await CreateAsync(fixture);
        await RunAsync(fixture, stream, 600, _ => ((long)(ofBytes * MiB), (long)(ofRecords * 1000)));
        Assert.Equal(4, stream.Current.Shards.All.Count);
    }

    [Fact]
    public async Task Many_small_records_make_it_grow_too()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await CreateAsync(fixture);
        await RunAsync(fixture, stream, 20, _ => (1000, 700));
        Assert.Equal(8, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task A_stream_doubles_once_in_a_quarter_of_an_hour_and_stops_when_its_shards_are_below_half()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await CreateAsync(fixture);
        // 12 MiB/s in all, spread evenly; no shard takes more than one.
        (long, long) Load(Shard _) => (Math.Min(MiB, 12 * MiB / stream.Current.Shards.Open.Count), 100);
        var counts = new List<int>();
        for (var quarter = 0; quarter < 8; quarter++)
        {
            await RunAsync(fixture, stream, 16, Load);
            counts.Add(stream.Current.Shards.Open.Count);
        }

        Assert.Equal([8, 16, 32, 32, 32, 32, 32, 32], counts);
    }

    [Fact]
    public async Task A_burst_that_is_over_soon_changes_nothing()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await CreateAsync(fixture);
        await RunAsync(fixture, stream, 30, _ => (MiB / 10, 10));
        await RunAsync(fixture, stream, 5, _ => (MiB, 10));
        await RunAsync(fixture, stream, 60, _ => (MiB / 10, 10));
        Assert.Equal(4, stream.Current.Shards.All.Count);
    }

    [Fact]
    public async Task One_hot_key_does_not_split_for_ever()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await CreateAsync(fixture);
        var key = HashKey.Of("hot");
        await RunAsync(fixture, stream, 24 * 60, shard => shard.HashKeys.Contains(key) ? (MiB, 10) : (0, 0));
        // From a quarter of the space to a millionth of it.
        Assert.Equal(4 + 18, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task What_was_split_for_small_records_is_merged_after_a_quiet_day_and_not_before()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await WideAsync(fixture, shards: 16);
        await RunAsync(fixture, stream, 24 * 60, _ => (MiB / 50, 1));
        Assert.Equal(16, stream.Current.Shards.Open.Count);
        await RunAsync(fixture, stream, 2, _ => (MiB / 50, 1));
        // Neighbours pair up; the next day takes the next half, and four stay.
        Assert.Equal(8, stream.Current.Shards.Open.Count);
        await RunAsync(fixture, stream, (24 * 60) - 10, _ => (MiB / 50, 1));
        Assert.Equal(8, stream.Current.Shards.Open.Count);
        await RunAsync(fixture, stream, 15, _ => (MiB / 50, 1));
        Assert.Equal(4, stream.Current.Shards.Open.Count);
        await RunAsync(fixture, stream, 3 * 24 * 60, _ => (MiB / 50, 1));
        Assert.Equal(4, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task A_busy_hour_begins_the_quiet_day_anew()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await WideAsync(fixture, shards: 8);
        await RunAsync(fixture, stream, 20 * 60, _ => (0, 1));
        await RunAsync(fixture, stream, 60, _ => (MiB / 5, 1));
        await RunAsync(fixture, stream, 23 * 60, _ => (0, 1));
        Assert.Equal(8, stream.Current.Shards.Open.Count);
        await RunAsync(fixture, stream, 2 * 60, _ => (0, 1));
        Assert.Equal(4, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task A_stream_without_any_traffic_shrinks_too()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await WideAsync(fixture, shards: 7);
        await PassAsync(fixture, hours: 23);
        Assert.Equal(7, stream.Current.Shards.Open.Count);
        await PassAsync(fixture, hours: 3);
        Assert.Equal(4, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task Twice_the_peak_of_thirty_days_stays_also_over_restarts()
    {
        await using var fixture = await EngineFixture.StartAsync();
        // 5 MiB/s: with ten shards they are half full.
        var stream = await WideAsync(fixture, shards: 16);
        await RunAsync(fixture, stream, 10, _ => (5 * MiB / 16, 1));
        await PassAsync(fixture, hours: 5 * 24);
        Assert.Equal(10, stream.Current.Shards.Open.Count);
        await fixture.RestartAsync();
        stream = fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!;
        await PassAsync(fixture, hours: 24 * 24);
        Assert.Equal(10, stream.Current.Shards.Open.Count);
        await PassAsync(fixture, hours: 5 * 24);
        Assert.Equal(4, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task Warm_throughput_keeps_its_shards()
    {
        await using var fixture = await EngineFixture.StartAsync();
        await fixture.Engine.Accounts.SetCommitmentAsync("000000000000", "us-east-1", enabled: true);
        var stream = await WideAsync(fixture, shards: 9);
        Assert.Equal(CapacityOutcome.Changed, await fixture.Engine.Capacity.SetWarmThroughputAsync(stream, 7));
        await PassAsync(fixture, hours: 4 * 24);
        Assert.Equal(7, stream.Current.Shards.Open.Count);
        Assert.Equal(CapacityOutcome.Changed, await fixture.Engine.Capacity.SetWarmThroughputAsync(stream, 0));
        await PassAsync(fixture, hours: 4 * 24);
        Assert.Equal(4, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task A_provisioned_stream_is_left_alone()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 8);
        await RunAsync(fixture, stream, 60, _ => (MiB, 1000));
        await PassAsync(fixture, hours: 48);
        Assert.Equal(8, stream.Current.Shards.All.Count);
    }

    [Fact]
    public async Task A_full_account_is_respected_and_merges_go_on()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await WideAsync(fixture, shards: 6);
        await fixture.CreateAsync("everything", shards: KinesisLimits.MaxShardsPerAccount - 6);
        var hot = stream.Current.Shards.Open[5];
        await RunAsync(fixture, stream, 60, shard => shard.HashKeys.Contains(hot.HashKeys.Start) ? (MiB, 1) : (0, 0));
        Assert.Equal(6, stream.Current.Shards.Open.Count);
        // A merge makes room for the split of the hot one, and that is used.
        await RunAsync(fixture, stream, 24 * 60, shard => shard.HashKeys.Contains(hot.HashKeys.Start) ? (MiB, 1) : (0, 0));
        Assert.False(stream.Current.Shards.Find(hot.Id)!.IsOpen);
        Assert.True(fixture.Engine.OpenShards("000000000000", "us-east-1") <= KinesisLimits.MaxShardsPerAccount);
    }

    /// <remarks>The closing of the parent fails before or after its effect; the engine is dropped there, and another one finishes.</remarks>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_crash_in_a_split_is_finished_by_the_next_start_and_growth_goes_on(bool afterTheEffect)
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await CreateAsync(fixture);
        await RunAsync(fixture, stream, 14, _ => (MiB, 1));
        fixture.Logs.CloseFailsAfter = 1;
        fixture.Logs.FailureComesAfterTheEffect = afterTheEffect;
        await RunAsync(fixture, stream, 1, _ => (MiB, 1));
        Assert.Equal(StreamStatus.Updating, stream.Current.Row.Status);
        Assert.Equal(5, stream.Current.Shards.Open.Count);
        await fixture.RestartAsync();
        stream = fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!;
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);
        Assert.Equal(6, stream.Current.Shards.Open.Count);
        await RunAsync(fixture, stream, 16, _ => (MiB, 1));
        Assert.Equal(12, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task With_a_transition_delay_the_steps_come_one_after_the_other()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions { TransitionDelay = TimeSpan.FromSeconds(2), EnforceRates = false });
        var name = EngineFixture.Name("orders");
        await fixture.Engine.Lifecycle.CreateAsync(new NewStream(name, 4) { Mode = StreamMode.OnDemand }, TestContext.Current.CancellationToken);
        fixture.Time.Advance(TimeSpan.FromSeconds(2));
        var stream = fixture.Engine.Streams.Find(name)!;
        await UntilAsync(() => stream.Current.Row.Status == StreamStatus.Active);
        // The loop looks on the minute, so that is where the clock stops: going on beyond it could pass a look and the transition it begins in one go.
        fixture.Time.Advance(Minute - TimeSpan.FromSeconds(2));
        for (var minute = 0; minute < 20 && stream.Current.Row.Status == StreamStatus.Active; minute++)
            await RunAsync(fixture, stream, 1, _ => (MiB, 1));
        for (var open = 4; open < 8; open++)
        {
            // Beside the sweep's and the loop's timer there is that of the transition; no look comes in between.
            await UntilAsync(() => stream.Current.Row.Status == StreamStatus.Updating && fixture.Time.ActiveTimers == 3);
            Assert.Equal(open, stream.Current.Shards.Open.Count);
            fixture.Time.Advance(TimeSpan.FromSeconds(2));
            await UntilAsync(() => stream.Current.Shards.Open.Count > open);
        }
    }

    [Fact]
    public async Task A_stream_with_nothing_to_do_is_not_looked_at()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var sweepOnly = fixture.Time.ActiveTimers;
        var stream = await CreateAsync(fixture);
        await fixture.PutAsync(stream, "a", "wakes it");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        // Awake for as long as its average takes to decay, then asleep, and no timer is left.
        for (var minute = 0; minute < 600; minute++)
        {
            fixture.Time.Advance(Minute);
            await fixture.Engine.OnDemand.LookAsync(TestContext.Current.CancellationToken);
        }

        while (fixture.Time.ActiveTimers > sweepOnly)
        {
            Assert.False(patience.IsCancellationRequested, "The loop still has a timer.");
            fixture.Time.Advance(Minute);
            await Task.Yield();
        }
    }

    private static async Task<DataStream> CreateAsync(EngineFixture fixture) => await WideAsync(fixture, KinesisLimits.OnDemandInitialShards);

    private static async Task<DataStream> WideAsync(EngineFixture fixture, int shards)
    {
        var name = EngineFixture.Name("orders");
        Assert.Equal(CreateOutcome.Created, await fixture.Engine.Lifecycle.CreateAsync(
            new NewStream(name, shards) { Mode = StreamMode.OnDemand }, TestContext.Current.CancellationToken));
        var stream = fixture.Engine.Streams.Find(name)!;
        fixture.Engine.OnDemand.Wake(stream);
        return stream;
    }

    /// <summary>Lets minutes pass with a load of each open shard, in bytes and records per second.</summary>
    private static async Task RunAsync(EngineFixture fixture, DataStream stream, int minutes, Func<Shard, (long Bytes, long Records)> load)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            foreach (var shard in stream.Current.Shards.Open)
            {
                var (bytes, records) = load(shard);
                Feed(shard, bytes, records, Minute);
            }

            if (stream.Current.Row.Mode == StreamMode.OnDemand)
                fixture.Engine.OnDemand.Wake(stream);
            fixture.Time.Advance(Minute);
            await fixture.Engine.OnDemand.LookAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task PassAsync(EngineFixture fixture, int hours)
    {
        for (var hour = 0; hour < hours; hour++)
        {
            fixture.Time.Advance(TimeSpan.FromHours(1));
            await fixture.Engine.OnDemand.LookAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task UntilAsync(Func<bool> reached)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!reached())
        {
            Assert.False(patience.IsCancellationRequested, "Waited in vain.");
            await Task.Yield();
        }
    }

    private static void Feed(Shard shard, long bytesPerSecond, long recordsPerSecond, TimeSpan time) =>
        shard.Traffic.Add((long)(recordsPerSecond * time.TotalSeconds), (long)(bytesPerSecond * time.TotalSeconds));
}
