using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Catalog;
using Weir.TestKit;

namespace Weir.Streams.Tests;

public sealed class StreamLifecycleTests
{
    [Fact]
    public async Task What_was_created_and_put_is_there_after_a_crash()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 2);
        var before = await fixture.PutAsync(stream, "a", "hello");
        await fixture.RestartAsync();
        stream = fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!;
        Assert.Equal((before.SequenceNumber.Index, "a", "hello"), Assert.Single(fixture.Read(stream, before.Shard!.Id)));
        var after = await fixture.PutAsync(stream, "a", "again");
        Assert.True(after.SequenceNumber.CompareTo(before.SequenceNumber) > 0);
    }

    [Fact]
    public async Task A_name_is_taken_until_its_stream_is_gone()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        Assert.Equal(CreateOutcome.AlreadyExists, await fixture.Engine.Lifecycle.CreateAsync(new NewStream(EngineFixture.Name("orders"), 1), TestContext.Current.CancellationToken));
        await fixture.PutAsync(stream, "a", "old");
        await fixture.Engine.Lifecycle.DeleteAsync(stream, evenWithConsumers: false);
        Assert.Null(fixture.Engine.Streams.Find(EngineFixture.Name("orders")));
        Assert.Equal(PutStatus.StreamGone, (await fixture.PutAsync(stream, "a", "late")).Status);
        var again = await fixture.CreateAsync("orders", shards: 1);
        Assert.NotEqual(stream.Id, again.Id);
        Assert.Empty(fixture.Read(again, new ShardId(0)));
    }

    [Fact]
    public async Task Streams_of_different_regions_and_accounts_are_apart()
    {
        await using var fixture = await EngineFixture.StartAsync();
        await fixture.CreateAsync("orders", shards: 1);
        Assert.Equal(CreateOutcome.Created, await fixture.Engine.Lifecycle.CreateAsync(new NewStream(new StreamName("000000000000", "eu-west-1", "orders"), 1), TestContext.Current.CancellationToken));
        Assert.Single(fixture.Engine.Streams.List("000000000000", "eu-west-1", null, 10, out _));
        Assert.Empty(fixture.Engine.Streams.List("111111111111", "eu-west-1", null, 10, out _));
    }

    [Fact]
    public async Task Listing_pages_in_byte_order_and_the_start_need_not_exist()
    {
        await using var fixture = await EngineFixture.StartAsync();
        foreach (var name in new[] { "b", "a", "B", "c" })
            await fixture.CreateAsync(name, shards: 1);
        var page = fixture.Engine.Streams.List("000000000000", "us-east-1", null, 2, out var more);
        Assert.Equal(["B", "a"], page.Select(stream => stream.Name.Name));
        Assert.True(more);
        page = fixture.Engine.Streams.List("000000000000", "us-east-1", "aa", 2, out more);
        Assert.Equal(["b", "c"], page.Select(stream => stream.Name.Name));
        Assert.False(more);
    }

    [Fact]
    public async Task No_more_than_five_streams_are_CREATING_at_once()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions { TransitionDelay = TimeSpan.FromSeconds(5) });
        for (var i = 0; i < KinesisLimits.MaxStreamsCreating; i++)
            Assert.Equal(CreateOutcome.Created, await fixture.Engine.Lifecycle.CreateAsync(new NewStream(EngineFixture.Name($"s{i}"), 1), TestContext.Current.CancellationToken));
        Assert.Equal(CreateOutcome.TooManyCreating, await fixture.Engine.Lifecycle.CreateAsync(new NewStream(EngineFixture.Name("sixth"), 1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_account_has_no_more_shards_than_it_may()
    {
        await using var fixture = await EngineFixture.StartAsync();
        Assert.Equal(CreateOutcome.ShardLimit, await fixture.Engine.Lifecycle.CreateAsync(new NewStream(EngineFixture.Name("big"), KinesisLimits.MaxShardsPerAccount + 1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task More_shards_than_can_be_added_up_are_refused_beside_another_stream()
    {
        await using var fixture = await EngineFixture.StartAsync();
        await fixture.CreateAsync("other", shards: 1);
        Assert.Equal(
            CreateOutcome.ShardLimit,
            await fixture.Engine.Lifecycle.CreateAsync(new NewStream(EngineFixture.Name("huge"), int.MaxValue), TestContext.Current.CancellationToken));
        Assert.Equal(1, fixture.Engine.OpenShards("000000000000", "us-east-1"));
    }

    [Fact]
    public async Task Records_are_out_of_reach_exactly_when_their_retention_has_passed()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        await fixture.PutAsync(stream, "a", "first");
        fixture.Time.Advance(TimeSpan.FromHours(1));
        await fixture.PutAsync(stream, "a", "second");
        fixture.Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(["first", "second"], fixture.Read(stream, new ShardId(0)).Select(record => record.Data));
        fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["second"], fixture.Read(stream, new ShardId(0)).Select(record => record.Data));
        Assert.Equal(SettingOutcome.Changed, await fixture.Engine.Settings.SetRetentionAsync(stream, 48));
        Assert.Equal("second", fixture.Read(stream, new ShardId(0))[^1].Data);
    }

    [Fact]
    public async Task A_closed_shard_is_forgotten_after_its_retention()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions { RetentionSweepInterval = TimeSpan.FromHours(1) });
        var stream = await fixture.CreateAsync("orders", shards: 1);
        await fixture.Engine.Resharding.SplitAsync(stream, new ShardId(0), new HashKey(1000));
        Assert.Equal(3, stream.Current.Shards.All.Count);
        while (stream.Current.Shards.All.Count == 3)
        {
            fixture.Time.Advance(TimeSpan.FromHours(1));
            await Task.Yield();
        }

        Assert.True(fixture.Time.GetUtcNow() > EngineFixture.Begin + TimeSpan.FromHours(24));
        Assert.Equal([1, 2], stream.Current.Shards.All.Select(shard => shard.Id.Number));
        await fixture.RestartAsync();
        Assert.Equal(2, fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!.Current.Shards.All.Count);
    }

    [Fact]
    public async Task A_put_beyond_the_shards_rate_is_refused_and_the_others_are_taken()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions { EnforceRates = true });
        var stream = await fixture.CreateAsync("orders", shards: 1);
        var half = new string('x', 600_000);
        using var outcomes = PutOutcomes.Rent(3);
        await fixture.Engine.Records.AppendAsync(stream, new TextSource(("a", half), ("a", half), ("a", "small")), outcomes);
        Assert.Equal([PutStatus.Accepted, PutStatus.Throttled, PutStatus.Accepted], outcomes.All.ToArray().Select(outcome => outcome.Status));
    }

    /// <remarks>
    /// Goal: a stream that is deleted at the very moment at which it comes to life goes away, log and all, and frees its name. Method: the
    /// deletion comes while the log is being opened, so that neither the catalog nor the log store let both have their way.
    /// </remarks>
    [Fact]
    public async Task A_stream_that_is_deleted_while_its_log_opens_goes_away()
    {
        var time = new ManualTimeProvider(EngineFixture.Begin);
        var logs = new InterruptedLogStore(new MemoryLogStore(new LogOptions(), time));
        await using var engine = await StreamEngine.StartAsync(
            StreamCatalog.InMemory(), logs, new StreamsOptions(), time, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        logs.AfterOpen = () => engine.Lifecycle.DeleteAsync(engine.Streams.Find(EngineFixture.Name("orders"))!, evenWithConsumers: false);
        await engine.Lifecycle.CreateAsync(new NewStream(EngineFixture.Name("orders"), 1), TestContext.Current.CancellationToken);
        for (var retry = 0; retry < 10_000 && engine.Streams.Find(EngineFixture.Name("orders")) is not null; retry++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Run(static () => { }, TestContext.Current.CancellationToken);
        }

        Assert.Null(engine.Streams.Find(EngineFixture.Name("orders")));
        Assert.Empty(logs.List());
    }

    /// <summary>Logs whose opening is interrupted, once, after it took effect.</summary>
    private sealed class InterruptedLogStore(ILogStore inner) : ILogStore
    {
        public Func<Task>? AfterOpen { get; set; }

        public IReadOnlyList<LogId> List() => inner.List();

        public async Task<IRecordLog> OpenAsync(LogId id, CancellationToken cancellationToken)
        {
            var log = await inner.OpenAsync(id, cancellationToken);
            var interruption = AfterOpen;
            AfterOpen = null;
            if (interruption is not null)
                await interruption();
            return log;
        }

        public Task DeleteAsync(LogId id, CancellationToken cancellationToken) => inner.DeleteAsync(id, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
