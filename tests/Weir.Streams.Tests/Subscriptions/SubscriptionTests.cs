using Weir.Log;
using Weir.Model;
using Weir.Streams.Reading;
using Weir.Streams.Subscriptions;

namespace Weir.Streams.Tests.Subscriptions;

/// <summary>What a subscription gives and when, in virtual time.</summary>
public sealed class SubscriptionTests
{
    private static readonly HashKey Middle = new(UInt128.MaxValue / 2);

    [Fact]
    public async Task A_record_comes_as_soon_as_it_is_durable()
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var subscription = subscriber.Begin();
        for (var i = 0; i < 10; i++)
        {
            var due = Subscriber.Due(subscription);
            Assert.False(due.IsCompleted);
            await subscriber.PutAsync($"{i}");
            Assert.True(await due);
            var seen = Subscriber.Take(subscription);
            Assert.Equal([$"{i}"], seen.Texts);
            Assert.Equal((0, null), (seen.End.MillisBehindLatest, seen.End.Children));
        }
    }

    [Fact]
    public async Task Everything_from_the_position_on_comes_in_order_and_once()
    {
        await using var subscriber = await Subscriber.StartAsync();
        await subscriber.PutAllAsync(Enumerable.Range(1, 100).Select(i => $"{i}"));
        using var subscription = subscriber.Begin(from: 31);
        Assert.Equal(Enumerable.Range(31, 70).Select(i => $"{i}"), (await Subscriber.NextAsync(subscription)).Texts);
        await subscriber.PutAsync("101");
        Assert.Equal(["101"], (await Subscriber.NextAsync(subscription)).Texts);
    }

    [Fact]
    public async Task An_event_has_at_most_a_mebibyte_or_one_record()
    {
        await using var subscriber = await Subscriber.StartAsync();
        Assert.Equal(SettingOutcome.Changed, await subscriber.Fixture.Engine.Settings.SetMaxRecordAsync(subscriber.Stream, 4096));
        // Keys count too: each record is one byte larger than its text.
        var half = new string('h', (KinesisLimits.MaxEventBytes / 2) - 1);
        var large = new string('l', 3 * 1024 * 1024);
        await subscriber.PutAsync(half, half, "one too many", large, half);
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(3));
        using var subscription = subscriber.Begin();
        var first = await Subscriber.NextAsync(subscription);
        Assert.Equal((2, KinesisLimits.MaxEventBytes, 3000), (first.Texts.Length, first.Bytes, first.End.MillisBehindLatest));
        Assert.Equal(["one too many"], (await Subscriber.NextAsync(subscription)).Texts);
        Assert.Equal([large], (await Subscriber.NextAsync(subscription)).Texts);
        var last = await Subscriber.NextAsync(subscription);
        Assert.Equal([half], last.Texts);
        Assert.Equal(0, last.End.MillisBehindLatest);
    }

    [Fact]
    public async Task An_event_has_at_most_ten_thousand_records()
    {
        await using var subscriber = await Subscriber.StartAsync();
        foreach (var batch in Enumerable.Range(0, KinesisLimits.MaxEventRecords + 5).Select(i => ("k", $"{i}")).Chunk(KinesisLimits.MaxPutRecordsEntries))
        {
            using var outcomes = PutOutcomes.Rent(batch.Length);
            await subscriber.Fixture.Engine.Records.AppendAsync(subscriber.Stream, new TextSource(batch), outcomes);
        }

        using var subscription = subscriber.Begin();
        Assert.Equal(KinesisLimits.MaxEventRecords, (await Subscriber.NextAsync(subscription)).Texts.Length);
        Assert.Equal(5, (await Subscriber.NextAsync(subscription)).Texts.Length);
    }

    [Fact]
    public async Task A_record_that_is_put_back_comes_with_the_next_event()
    {
        await using var subscriber = await Subscriber.StartAsync();
        await subscriber.PutAsync("a", "b", "c");
        using var subscription = subscriber.Begin();
        Assert.True(await Subscriber.Due(subscription));
        using (var records = subscription.OpenEvent())
        {
            Assert.True(records.TryRead(out _));
            Assert.True(records.TryRead(out var second));
            records.Unread(second);
            Assert.False(records.TryRead(out _));
            Assert.Equal((1, 2L), (records.Count, records.Bytes));
            records.End();
        }

        // An event without its end has not happened.
        Assert.True(await Subscriber.Due(subscription));
        using (var abandoned = subscription.OpenEvent())
            Assert.True(abandoned.TryRead(out _));
        Assert.Equal(["b", "c"], (await Subscriber.NextAsync(subscription)).Texts);
    }

    [Fact]
    public async Task After_five_silent_seconds_an_empty_event_moves_the_continuation()
    {
        await using var subscriber = await Subscriber.StartAsync();
        await subscriber.PutAsync("a");
        using var subscription = subscriber.Begin();
        var last = (await Subscriber.NextAsync(subscription)).End.Continuation!.Value;
        for (var i = 0; i < 10; i++)
        {
            var due = Subscriber.Due(subscription);
            subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(4.9));
            Assert.False(due.IsCompleted);
            subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(0.1));
            Assert.True(await due);
            var seen = Subscriber.Take(subscription);
            Assert.Empty(seen.Texts);
            Assert.Equal(0, seen.End.MillisBehindLatest);
            Assert.True(seen.End.Continuation!.Value.CompareTo(last) > 0);
            last = seen.End.Continuation.Value;
        }
    }

    [Fact]
    public async Task No_continuation_repeats_or_skips_a_record_whichever_way_it_is_used()
    {
        // Records within one second and across seconds, idle events, and a position before every record.
        await using var subscriber = await Subscriber.StartAsync();
        using var subscription = subscriber.Begin();
        var (log, shard) = (subscriber.Stream.Current.Log!, subscriber.Stream.Current.Shards.Find(new ShardId(0))!);
        var continuations = new List<(long Next, SequenceNumber Number)>();
        for (var i = 0; i < 40; i++)
        {
            if (i % 3 == 0)
                subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(5));
            else
                await subscriber.PutAsync($"{i}");
            subscriber.Fixture.Time.Advance(TimeSpan.FromMilliseconds(i * 37 % 1000));
            var seen = await Subscriber.NextAsync(subscription);
            continuations.Add((log.GetShard(0).NextIndex, seen.End.Continuation!.Value));
            foreach (var number in seen.Numbers)
                Assert.Equal(number.Index, ShardPosition.At(log, shard, number));
        }

        await subscriber.PutAsync("last");
        Assert.All(continuations, seen =>
        {
            // Before the first record is at the first record.
            Assert.Equal(seen.Next, Math.Max(1, ShardPosition.At(log, shard, seen.Number)));
            Assert.Equal(seen.Next, ShardPosition.After(seen.Number));
            Assert.True(SequenceNumber.TryParse(seen.Number.ToString(), out var parsed) && parsed == seen.Number);
        });
        for (var i = 1; i < continuations.Count; i++)
            Assert.True(continuations[i].Number.CompareTo(continuations[i - 1].Number) > 0);
    }

    [Fact]
    public async Task A_subscription_at_the_tip_never_names_the_record_before_it()
    {
        // The record in front of the position has the very second of the first event, and the clock has been set back since.
        await using var subscriber = await Subscriber.StartAsync();
        await subscriber.PutAsync("before");
        subscriber.Fixture.Time.ShiftWallClock(TimeSpan.FromMinutes(-10));
        using var subscription = subscriber.Begin(from: 2);
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(5));
        var seen = await Subscriber.NextAsync(subscription);
        Assert.Empty(seen.Texts);
        Assert.Equal(2, ShardPosition.At(subscriber.Stream.Current.Log!, subscriber.Stream.Current.Shards.Find(new ShardId(0))!, seen.End.Continuation!.Value));
    }

    [Fact]
    public async Task It_lasts_five_minutes()
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var subscription = subscriber.Begin();
        for (var seconds = 5; seconds < KinesisLimits.SubscriptionLifetime.TotalSeconds; seconds += 5)
        {
            subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(5));
            Assert.Empty((await Subscriber.NextAsync(subscription)).Texts);
        }

        var due = Subscriber.Due(subscription);
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(4.999));
        Assert.False(subscription.Ended.IsCancellationRequested);
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal(SubscriptionEnd.Expired, await Subscriber.OverAsync(subscription));
        await due;
    }

    [Fact]
    public async Task Expired_records_are_passed_over()
    {
        await using var subscriber = await Subscriber.StartAsync();
        await subscriber.PutAsync("old");
        subscriber.Fixture.Time.Advance(TimeSpan.FromHours(25));
        using var subscription = subscriber.Begin();
        var seen = await Subscriber.NextAsync(subscription);
        Assert.Empty(seen.Texts);
        Assert.Equal(0, seen.End.MillisBehindLatest);
        Assert.False(Subscriber.Due(subscription).IsCompleted);
        await subscriber.PutAsync("new");
        Assert.Equal(["new"], (await Subscriber.NextAsync(subscription)).Texts);
    }

    [Fact]
    public async Task At_the_end_of_a_shard_its_children_come_in_an_event_of_their_own_behind_the_last_records()
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var behind = subscriber.Begin();
        await subscriber.PutAsync("a", "b");
        Assert.Equal(ReshardOutcome.Started, await subscriber.Fixture.Engine.Resharding.SplitAsync(subscriber.Stream, new ShardId(0), Middle));
        var records = await Subscriber.NextAsync(behind);
        Assert.Equal(["a", "b"], records.Texts);
        Assert.NotNull(records.End.Continuation);
        Assert.Null(records.End.Children);
        var last = await Subscriber.NextAsync(behind);
        Assert.Empty(last.Texts);
        Assert.Null(last.End.Continuation);
        Assert.Equal(0, last.End.MillisBehindLatest);
        Assert.Equal([1, 2], last.End.Children!.Select(child => child.Id.Number));
        Assert.Equal(SubscriptionEnd.ShardEnd, await Subscriber.OverAsync(behind));
    }

    [Fact]
    public async Task A_subscription_that_waits_at_the_tip_is_told_of_the_end()
    {
        await using var subscriber = await Subscriber.StartAsync(shards: 2);
        using var first = subscriber.Begin();
        using var second = subscriber.Begin(shard: 1);
        await subscriber.PutAsync("a");
        Assert.Equal(["a"], (await Subscriber.NextAsync(second)).Texts);
        var due = Subscriber.Due(second);
        Assert.Equal(ReshardOutcome.Started, await subscriber.Fixture.Engine.Resharding.MergeAsync(subscriber.Stream, new ShardId(0), new ShardId(1)));
        Assert.True(await due);
        var end = Subscriber.Take(second).End;
        Assert.Equal([2], end.Children!.Select(child => child.Id.Number));
        Assert.Null(end.Continuation);
        Assert.Equal([2], (await Subscriber.NextAsync(first)).End.Children!.Select(child => child.Id.Number));
    }

    [Fact]
    public async Task A_shard_that_has_closed_but_whose_children_are_not_there_yet_goes_on()
    {
        // The log ends the shard first, and the catalog opens the children afterwards: what comes in between must neither spin nor end.
        await using var subscriber = await Subscriber.StartAsync();
        using var subscription = subscriber.Begin();
        subscriber.Fixture.Logs.CloseFailsAfter = 0;
        subscriber.Fixture.Logs.FailureComesAfterTheEffect = true;
        Assert.Equal(ReshardOutcome.Started, await subscriber.Fixture.Engine.Resharding.SplitAsync(subscriber.Stream, new ShardId(0), Middle));
        Assert.NotNull(subscriber.Stream.Current.Log!.GetShard(0).ClosedAt);
        Assert.True(subscriber.Stream.Current.Shards.Find(new ShardId(0))!.IsOpen);
        var due = Subscriber.Due(subscription);
        Assert.False(due.IsCompleted);
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await due);
        Assert.Equal(2, Subscriber.Take(subscription).End.Children!.Count);
    }

    [Fact]
    public async Task An_old_shard_gives_all_that_it_has_and_ends()
    {
        await using var subscriber = await Subscriber.StartAsync();
        await subscriber.PutAsync("a", "b");
        await subscriber.Fixture.Engine.Resharding.SplitAsync(subscriber.Stream, new ShardId(0), Middle);
        using (var whole = subscriber.Begin())
            Assert.Equal(["a", "b"], (await Subscriber.NextAsync(whole)).Texts);
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(5));
        // From its ending sequence number, as clients that have read everything name it.
        using var nothing = subscriber.Begin(from: SequenceNumber.EndIndex);
        var end = await Subscriber.NextAsync(nothing);
        Assert.Empty(end.Texts);
        Assert.Equal(2, end.End.Children!.Count);
    }

    [Fact]
    public async Task Deleting_the_stream_ends_it()
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var subscription = subscriber.Begin();
        var due = Subscriber.Due(subscription);
        await subscriber.Fixture.Engine.Lifecycle.DeleteAsync(subscriber.Stream, evenWithConsumers: true);
        Assert.False(await due);
        Assert.Equal(SubscriptionEnd.StreamGone, subscription.End);
        Assert.True(subscription.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Deregistering_the_consumer_ends_it_and_no_other()
    {
        await using var subscriber = await Subscriber.StartAsync();
        var other = await Subscriber.RegisterAsync(subscriber.Fixture, subscriber.Stream, "other");
        using var subscription = subscriber.Begin();
        using var others = subscriber.Begin(other: other);
        var due = Subscriber.Due(subscription);
        await subscriber.Fixture.Engine.Consumers.DeregisterAsync(subscriber.Stream, subscriber.Consumer);
        Assert.False(await due);
        Assert.Equal(SubscriptionEnd.ConsumerGone, subscription.End);
        await subscriber.PutAsync("goes on");
        Assert.Equal(["goes on"], (await Subscriber.NextAsync(others)).Texts);
    }

    [Fact]
    public async Task A_consumer_registered_again_under_its_name_is_another()
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var subscription = subscriber.Begin();
        await subscriber.Fixture.Engine.Consumers.DeregisterAsync(subscriber.Stream, subscriber.Consumer);
        subscriber.Fixture.Time.Advance(TimeSpan.FromSeconds(1));
        var again = await Subscriber.RegisterAsync(subscriber.Fixture, subscriber.Stream, "reader");
        Assert.Equal(SubscriptionEnd.ConsumerGone, await Subscriber.OverAsync(subscription));
        using var others = subscriber.Begin(other: again);
        Assert.Equal(SubscriptionEnd.None, others.End);
    }
}
