using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Catalog;
using Weir.Streams.Subscriptions;
using Weir.TestKit;

namespace Weir.Streams.Tests.Subscriptions;

/// <summary>Who may subscribe when, who takes over from whom, and how much a consumer gets of a shard.</summary>
public sealed class SubscriptionRulesTests
{
    [Fact]
    public async Task Within_five_seconds_of_the_last_accepted_call_another_is_refused_even_when_its_subscription_is_over()
    {
        await using var subscriber = await Subscriber.StartAsync();
        var first = subscriber.Begin();
        Assert.Equal(SubscribeOutcome.AnotherActive, subscriber.TryBegin().Outcome);
        Assert.Equal(SubscriptionEnd.None, first.End);
        first.Dispose();
        subscriber.Fixture.Time.Advance(KinesisLimits.ResubscribeInterval - TimeSpan.FromMilliseconds(1));
        Assert.Equal(SubscribeOutcome.AnotherActive, subscriber.TryBegin().Outcome);
        // A refused call does not begin the five seconds again.
        subscriber.Fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        using var second = subscriber.Begin();
        Assert.Equal(SubscribeOutcome.AnotherActive, subscriber.TryBegin().Outcome);
    }

    [Fact]
    public async Task A_call_after_five_seconds_takes_over()
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var first = subscriber.Begin();
        var due = Subscriber.Due(first);
        subscriber.Fixture.Time.Advance(KinesisLimits.ResubscribeInterval);
        await due;
        using var second = subscriber.Begin();
        Assert.Equal(SubscriptionEnd.TakenOver, await Subscriber.OverAsync(first));
        Assert.Equal(SubscriptionEnd.None, second.End);
        // The old one's going does not disturb the new one.
        first.Dispose();
        subscriber.Fixture.Time.Advance(KinesisLimits.ResubscribeInterval);
        using var third = subscriber.Begin();
        Assert.Equal(SubscriptionEnd.TakenOver, second.End);
    }

    [Fact]
    public async Task Shards_and_consumers_do_not_stand_in_each_others_way()
    {
        await using var subscriber = await Subscriber.StartAsync(shards: 2, rates: true);
        var other = await Subscriber.RegisterAsync(subscriber.Fixture, subscriber.Stream, "other");
        using var first = subscriber.Begin();
        using var second = subscriber.Begin(shard: 1);
        using var third = subscriber.Begin(other: other);
        Assert.All([first, second, third], subscription => Assert.Equal(SubscriptionEnd.None, subscription.End));
    }

    [Fact]
    public async Task More_than_one_call_in_a_second_is_refused()
    {
        await using var subscriber = await Subscriber.StartAsync(rates: true);
        using var first = subscriber.Begin();
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(SubscribeOutcome.AnotherActive, subscriber.TryBegin().Outcome);
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(SubscribeOutcome.RateExceeded, subscriber.TryBegin().Outcome);
        Assert.Equal(SubscriptionEnd.None, first.End);
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(0.8));
        using var second = subscriber.Begin();
    }

    [Fact]
    public async Task Asking_costs_nothing_and_changes_nothing()
    {
        await using var subscriber = await Subscriber.StartAsync(rates: true);
        var (subscriptions, shard) = (subscriber.Fixture.Engine.Subscriptions, subscriber.Stream.Current.Shards.Find(new ShardId(0))!);
        for (var i = 0; i < 3; i++)
            Assert.Equal(SubscribeOutcome.Accepted, subscriptions.Ask(subscriber.Consumer, shard));
        using var first = subscriber.Begin();
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(SubscribeOutcome.AnotherActive, subscriptions.Ask(subscriber.Consumer, shard));
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(SubscribeOutcome.Accepted, subscriptions.Ask(subscriber.Consumer, shard));
        Assert.Equal(SubscriptionEnd.None, first.End);
        using var second = subscriber.Begin();
    }

    [Fact]
    public async Task A_consumer_gets_two_mebibytes_per_second_of_a_shard_and_one_seconds_worth_at_once()
    {
        await using var subscriber = await Subscriber.StartAsync(rates: true);
        var other = await Subscriber.RegisterAsync(subscriber.Fixture, subscriber.Stream, "other");
        // 12 MiB, put at the shard's own rate.
        for (var i = 0; i < 48; i++)
        {
            await subscriber.PutAsync(new string('x', (256 * 1024) - 1));
            subscriber.Fixture.Time.Advance(TimeSpan.FromMilliseconds(250));
        }

        using var subscription = subscriber.Begin();
        var began = subscriber.Fixture.Time.GetUtcNow();
        var got = 0L;
        while (got < 48 * 256 * 1024)
        {
            var due = Subscriber.Due(subscription);
            while (!due.IsCompleted)
            {
                // Nothing of what is there is due: it is the rate that holds it back.
                var elapsed = subscriber.Fixture.Time.GetUtcNow() - began;
                Assert.True(got >= KinesisLimits.SubscriptionBytesPerSecond * (1 + elapsed.TotalSeconds) - 1);
                subscriber.Fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
                await Task.Yield();
            }

            got += Subscriber.Take(subscription).Bytes;
            var passed = (subscriber.Fixture.Time.GetUtcNow() - began).TotalSeconds;
            Assert.True(got <= (KinesisLimits.SubscriptionBytesPerSecond * (1 + passed)) + KinesisLimits.MaxEventBytes);
        }

        // Another consumer has a rate of its own.
        using var others = subscriber.Begin(other: other);
        Assert.Equal(KinesisLimits.MaxEventBytes, (await Subscriber.NextAsync(others)).Bytes);
        Assert.Equal(KinesisLimits.MaxEventBytes, (await Subscriber.NextAsync(others)).Bytes);
    }

    [Fact]
    public async Task The_largest_record_comes_whole_and_is_paid_for_afterwards()
    {
        await using var subscriber = await Subscriber.StartAsync(rates: true);
        await subscriber.Fixture.Engine.Settings.SetMaxRecordAsync(subscriber.Stream, KinesisLimits.MaxMaxRecordSizeInKiB);
        subscriber.Fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await subscriber.PutAsync(new string('x', (10 * 1024 * 1024) - 1));
        subscriber.Fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await subscriber.PutAsync("y");
        using var subscription = subscriber.Begin();
        var large = await Subscriber.NextAsync(subscription);
        Assert.Equal(10 * 1024 * 1024, large.Bytes);
        Assert.Equal(60_000, large.End.MillisBehindLatest);
        // 2 MiB were there and 10 were taken: there is a balance again after four seconds.
        var due = Subscriber.Due(subscription);
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(due.IsCompleted);
        subscriber.Fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await due);
        Assert.Equal(["y"], Subscriber.Take(subscription).Texts);
    }

    [Fact]
    public async Task Places_that_nobody_needs_any_more_are_forgotten()
    {
        await using var subscriber = await Subscriber.StartAsync(shards: 300);
        var subscriptions = subscriber.Fixture.Engine.Subscriptions;
        for (var round = 0; round < 3; round++)
        {
            var consumer = await Subscriber.RegisterAsync(subscriber.Fixture, subscriber.Stream, $"reader-{round}");
            for (var shard = 0; shard < 300; shard++)
                subscriber.Begin(shard: shard, other: consumer).Dispose();
            await subscriber.Fixture.Engine.Consumers.DeregisterAsync(subscriber.Stream, consumer);
            subscriber.Fixture.Time.Advance(KinesisLimits.ResubscribeInterval);
        }

        Assert.InRange(subscriptions.Slots, 1, 600);
    }

    [Fact]
    public async Task When_the_log_fails_what_is_durable_still_comes_and_then_the_end()
    {
        var disk = new SimulatedDirectory();
        var time = new ManualTimeProvider();
        await using var engine = await StreamEngine.StartAsync(
            StreamCatalog.InMemory(), new SegmentedLogStore(disk, new LogOptions(), time, NullLoggerFactory.Instance),
            new StreamsOptions { EnforceRates = false }, time, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        await engine.Lifecycle.CreateAsync(new NewStream(EngineFixture.Name("orders"), 1), TestContext.Current.CancellationToken);
        var stream = engine.Streams.Find(EngineFixture.Name("orders"))!;
        await engine.Consumers.RegisterAsync(stream, "reader", StreamTags.None);
        using (var outcomes = PutOutcomes.Rent(1))
            await engine.Records.AppendAsync(stream, new TextSource(("k", "durable")), outcomes);
        Assert.Equal(
            SubscribeOutcome.Accepted,
            engine.Subscriptions.TryBegin(stream, stream.Current.Consumers.Find("reader")!, stream.Current.Shards.All[0], 0, out var subscription));
        using (subscription)
        {
            disk.FailNext(SimulatedCall.Sync, new IOException("bad sector"));
            using (var outcomes = PutOutcomes.Rent(1))
                await engine.Records.AppendAsync(stream, new TextSource(("k", "lost")), outcomes);
            Assert.NotNull(stream.Current.Log!.Failure);
            Assert.Equal(["durable"], (await Subscriber.NextAsync(subscription!)).Texts);
            Assert.Equal(SubscriptionEnd.LogFailed, await Subscriber.OverAsync(subscription!));
        }
    }
}
