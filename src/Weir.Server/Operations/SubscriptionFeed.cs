using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.EventStream;
using Weir.Protocol.Wire;
using Weir.Server.Http;
using Weir.Server.Metrics;
using Weir.Server.TestControls.Faults;
using Weir.Streams;
using Weir.Streams.Consumers;
using Weir.Streams.Subscriptions;

namespace Weir.Server.Operations;

/// <summary>
/// Sends a subscription's events to its client: the initial response, an event whenever one is due, and at the end nothing more, or the
/// exception that ended it. The next event is made when the last one has left, so at most one is in memory.
/// </summary>
/// <remarks>Used once, by one request.</remarks>
internal sealed class SubscriptionFeed(
    OperationContext context, Subscription subscription, DataStream stream, StreamConsumer consumer, ShardId shard, WireCodec codec, EventMemory memory, IDisposable reserve,
    ConsumerMetrics metrics, SubscriptionDrop? drop)
{
    // How long a message that is under way when the subscription ends may still take. A client that reads needs milliseconds; one that
    // does not gets no exception and no clean end, for there is no way to say either in the middle of a message.
    private static readonly TimeSpan LastMessagePatience = TimeSpan.FromSeconds(2);

    private readonly SubscriptionMessages _messages = SubscriptionMessages.Of(codec);

    /// <summary>Sends everything. Ends when the subscription does.</summary>
    /// <param name="body">Where it goes.</param>
    /// <exception cref="Exception">Reading failed; the client has been told that the server did.</exception>
    public async Task SendAsync(StreamedBody body)
    {
        using var place = reserve;
        using var live = subscription;
        using var overdue = new CancellationTokenSource(Timeout.InfiniteTimeSpan, memory.Time);
        using var gone = body.ClientGone.Register(() => subscription.Close(SubscriptionEnd.ClientGone));
        using var stopping = body.Stopping.Register(() => subscription.Close(SubscriptionEnd.Stopped));
        using var dropping = drop?.After is { } after
            ? context.Engine.Time.CreateTimer(_ => subscription.Close(SubscriptionEnd.Dropped), state: null, after, Timeout.InfiniteTimeSpan)
            : null;
        using var ended = subscription.Ended.Register(() => overdue.CancelAfter(LastMessagePatience));
        metrics.Subscribed(stream.Name, consumer.Name);
        try
        {
            await SendEventsAsync(body, overdue.Token).ConfigureAwait(false);
            if (subscription.End == SubscriptionEnd.Dropped)
                body.Abort();
            else if (ExceptionFor(subscription.End) is { } error)
                await body.WriteAsync(_messages.Exception(error), overdue.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (overdue.IsCancellationRequested)
        {
            body.Abort();
        }
        finally
        {
            metrics.Ended();
        }
    }

    private async Task SendEventsAsync(StreamedBody body, CancellationToken overdue)
    {
        await body.WriteAsync(_messages.InitialResponse, overdue).ConfigureAwait(false);
        for (var sent = 0L; await subscription.NextAsync().ConfigureAwait(false); sent++)
        {
            if (drop?.ShouldDrop(sent) == true)
            {
                subscription.Close(SubscriptionEnd.Dropped);
                return;
            }

            try
            {
                await SendEventAsync(body, overdue).ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                subscription.LogClosed();
            }
            catch (Exception exception) when (exception is not OperationCanceledException and not IOException)
            {
                // Damaged records, say. The client learns that it was the server; the operator learns what it was.
                await body.WriteAsync(_messages.Exception(KinesisErrors.SubscriptionFailed), overdue).ConfigureAwait(false);
                throw;
            }
        }
    }

    private async Task SendEventAsync(StreamedBody body, CancellationToken overdue)
    {
        using var first = new EventBuilder(_messages, codec, memory);
        if (first.Build(subscription) is not { } missing)
            return;
        if (missing == 0)
        {
            await SendEventAsync(body, first, overdue).ConfigureAwait(false);
            return;
        }

        // A single record that is larger than what is reserved. It waits in line; whoever waits in vain says so with an empty event.
        using var share = await WaitForRoomAsync(missing).ConfigureAwait(false);
        using var second = new EventBuilder(_messages, codec, memory);
        if (second.Build(subscription, share is null ? 0 : missing) is not null)
            await SendEventAsync(body, second, overdue).ConfigureAwait(false);
    }

    private async Task SendEventAsync(StreamedBody body, EventBuilder built, CancellationToken overdue)
    {
        await body.WriteAsync(built.Message, overdue).ConfigureAwait(false);
        var (sentFrom, records, bytes, behind) = built.Figures;
        metrics.EventSent(subscription.Current, sentFrom, consumer.Name, records, bytes, behind);
    }

    private async ValueTask<IDisposable?> WaitForRoomAsync(int bufferBytes)
    {
        try
        {
            return await memory.TakeAsync(bufferBytes, subscription.Ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The subscription is over: what follows is its end.
            return null;
        }
    }

    private KinesisError? ExceptionFor(SubscriptionEnd end) => end switch
    {
        SubscriptionEnd.TakenOver => KinesisErrors.AnotherSubscriptionActive(consumer.Arn, shard),
        SubscriptionEnd.ConsumerGone => KinesisErrors.ConsumerNotFound(consumer.Name, stream.Name.Account),
        SubscriptionEnd.StreamGone => KinesisErrors.StreamNotFound(stream.Name),
        SubscriptionEnd.ShardGone => KinesisErrors.ShardNotFoundForRead(shard, stream.Name),
        SubscriptionEnd.KeyRefused => KeyRefusal.OfReading(subscription.KeyState, context, stream.Name),
        SubscriptionEnd.LogFailed => KinesisErrors.SubscriptionFailed,
        _ => null,
    };
}
