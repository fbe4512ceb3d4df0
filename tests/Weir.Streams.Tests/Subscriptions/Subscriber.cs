using System.Text;
using Weir.Model;
using Weir.Streams.Consumers;
using Weir.Streams.Subscriptions;

namespace Weir.Streams.Tests.Subscriptions;

/// <summary>An event as a test sees it.</summary>
internal sealed record SeenEvent(string[] Texts, SequenceNumber[] Numbers, long Bytes, EventEnd End);

/// <summary>An engine with a stream and a consumer of it, and what a sender of events does with a subscription.</summary>
internal sealed class Subscriber(EngineFixture fixture, DataStream stream, StreamConsumer consumer) : IAsyncDisposable
{
    // Real time: only a subscription that hangs lets it pass.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public EngineFixture Fixture => fixture;

    public DataStream Stream => stream;

    public StreamConsumer Consumer => consumer;

    public static async Task<Subscriber> StartAsync(int shards = 1, bool rates = false)
    {
        var fixture = await EngineFixture.StartAsync(new StreamsOptions { EnforceRates = rates });
        var stream = await fixture.CreateAsync("orders", shards);
        return new Subscriber(fixture, stream, await RegisterAsync(fixture, stream, "reader"));
    }

    public static async Task<StreamConsumer> RegisterAsync(EngineFixture fixture, DataStream stream, string name)
    {
        var (_, registered) = await fixture.Engine.Consumers.RegisterAsync(stream, name, StreamTags.None);
        return stream.Current.Consumers.Find(registered!.Arn)!;
    }

    public (SubscribeOutcome Outcome, Subscription? Subscription) TryBegin(long from = 0, int shard = 0, StreamConsumer? other = null)
    {
        var outcome = fixture.Engine.Subscriptions.TryBegin(
            stream, other ?? consumer, stream.Current.Shards.Find(new ShardId(shard))!, from, out var subscription);
        return (outcome, subscription);
    }

    /// <summary>A subscription that must be accepted.</summary>
    public Subscription Begin(long from = 0, int shard = 0, StreamConsumer? other = null)
    {
        var (outcome, subscription) = TryBegin(from, shard, other);
        Assert.Equal(SubscribeOutcome.Accepted, outcome);
        return subscription!;
    }

    public Task PutAsync(params string[] texts) => PutAllAsync(texts);

    public async Task PutAllAsync(IEnumerable<string> texts)
    {
        foreach (var text in texts)
            Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, "k", text)).Status);
    }

    /// <summary>Waits until an event is due and takes it.</summary>
    public static async Task<SeenEvent> NextAsync(Subscription subscription)
    {
        Assert.True(await Due(subscription), $"The subscription is over: {subscription.End}.");
        return Take(subscription);
    }

    public static Task<bool> Due(Subscription subscription) => subscription.NextAsync().AsTask().WaitAsync(Patience);

    public static async Task<SubscriptionEnd> OverAsync(Subscription subscription)
    {
        Assert.False(await Due(subscription));
        Assert.True(subscription.Ended.IsCancellationRequested);
        return subscription.End;
    }

    /// <summary>Takes the event that is due.</summary>
    public static SeenEvent Take(Subscription subscription)
    {
        using var records = subscription.OpenEvent();
        var (texts, numbers) = (new List<string>(), new List<SequenceNumber>());
        while (records.TryRead(out var record))
        {
            texts.Add(Encoding.UTF8.GetString(record.Data));
            numbers.Add(record.SequenceNumber);
        }

        return new SeenEvent([.. texts], [.. numbers], records.Bytes, records.End());
    }

    public ValueTask DisposeAsync() => fixture.DisposeAsync();
}
