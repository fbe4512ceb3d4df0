using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.EventStream;
using Weir.Protocol.Messages;
using Weir.Server.Http;
using Weir.Streams;
using Weir.Streams.Consumers;
using Weir.Streams.Subscriptions;
using ConsumerStatus = Weir.Streams.Consumers.ConsumerStatus;

namespace Weir.Server.Operations;

/// <summary>
/// SubscribeToShard (spec section 7.6). Errors: ResourceNotFound, ResourceInUse, InvalidArgument, LimitExceeded, DryRunOperation,
/// ServiceUnavailable. All of them come before the event stream begins, as ordinary answers; what goes wrong later is
/// <see cref="SubscriptionFeed"/>'s business.
/// </summary>
internal static class SubscribeToShard
{
    public static async ValueTask<KinesisError?> RunAsync(OperationCall call)
    {
        if (call.Read(out var input) is { } invalid)
            return invalid;
        if (await call.AdmitAsync(RequestTarget.Of(call.Context, input)).ConfigureAwait(false) is { } refused)
            return refused;
        return Begin(call, SubscribeToShardRequest.Read(input));
    }

    private static KinesisError? Begin(OperationCall call, SubscribeToShardRequest request)
    {
        if (Find(call.Context, request, out var stream, out var consumer, out var shard) is { } missing)
            return missing;
        try
        {
            return Begin(call, request, stream, consumer, shard);
        }
        catch (ObjectDisposedException)
        {
            // The stream is being deleted, and its log was closed under the request.
            return KinesisErrors.ShardNotFoundForRead(shard.Id, stream.Name);
        }
    }

    private static KinesisError? Begin(
        OperationCall call, SubscribeToShardRequest request, DataStream stream, StreamConsumer consumer, Streams.Shard shard)
    {
        var context = call.Context;
        var position = request.StartingPosition!;
        var start = new ReadStart(position.Type!, position.SequenceNumber, position.Timestamp);
        if (start.Find(stream.Name, shard, stream.Current.Log!, context.Now, out var index) is { } wrongStart)
            return wrongStart;
        var subscriptions = context.Engine.Subscriptions;
        if (request.DryRun == true)
            return Refusal(subscriptions.Ask(consumer, shard), consumer, shard) ?? KinesisErrors.DryRun;
        if (call.Memory.Events.TryReserve() is not { } reserve)
            return KinesisErrors.ServiceUnavailable;
        var outcome = subscriptions.TryBegin(stream, consumer, shard, index, out var subscription);
        if (subscription is null)
        {
            reserve.Dispose();
            call.Metrics.Consumers.RateExceeded(stream.Name, consumer.Name);
            return Refusal(outcome, consumer, shard);
        }

        var drop = call.Faults?.DropOf(call.Operation, call.Target);
        var feed = new SubscriptionFeed(
            context, subscription, stream, consumer, shard.Id, call.Codec, call.Memory.Events, reserve, call.Metrics.Consumers, drop);
        call.Streamed = new StreamedResponse(EventStreamFrame.ContentType, feed.SendAsync);
        return null;
    }

    private static KinesisError? Find(
        OperationContext context, SubscribeToShardRequest request, out DataStream stream, out StreamConsumer consumer, out Streams.Shard shard)
    {
        shard = null!;
        if (context.FindConsumer(streamArn: null, name: null, request.ConsumerARN, out stream, out consumer) is { } noConsumer)
            return noConsumer;
        if (consumer.Status != ConsumerStatus.Active)
            return KinesisErrors.ConsumerNotActive(consumer.Arn);
        if (!ShardId.TryNormalize(request.ShardId!, out var id))
            return KinesisErrors.ShardNotFound(request.ShardId!, stream.Name);
        var snapshot = stream.Current;
        shard = snapshot.Shards.Find(id)!;
        if (shard is null || snapshot.Log is null || shard.ClosedAt < snapshot.Horizon(context.Now))
            return KinesisErrors.ShardNotFoundForRead(id, stream.Name);
        return snapshot.Row.Status == Streams.StreamStatus.Deleting ? OperationContext.NotActive(stream) : null;
    }

    private static KinesisError? Refusal(SubscribeOutcome outcome, StreamConsumer consumer, Streams.Shard shard) => outcome switch
    {
        SubscribeOutcome.AnotherActive => KinesisErrors.AnotherSubscriptionActive(consumer.Arn, shard.Id),
        SubscribeOutcome.RateExceeded => KinesisErrors.SubscribeRateExceeded(consumer.Arn, shard.Id),
        _ => null,
    };
}
