using Weir.Log;
using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams;
using Weir.Streams.Reading;

namespace Weir.Server.Operations;

/// <summary>GetShardIterator (spec section 7.2). Errors: ResourceNotFound, InvalidArgument, ProvisionedThroughputExceeded, DryRunOperation.</summary>
internal static class GetShardIterator
{
    public static OperationResult<GetShardIteratorResponse> Run(OperationContext context, GetShardIteratorRequest request)
    {
        if (context.Address(request.StreamName, request.StreamARN, out var name) is { } wrongAddress)
            return wrongAddress;
        if (!ShardId.TryNormalize(request.ShardId, out var id))
            return KinesisErrors.ShardNotFound(request.ShardId!, name);
        var stream = context.Engine.Streams.Find(name);
        var snapshot = stream?.Current;
        if (snapshot?.Log is null || snapshot.Shards.Find(id) is not { } shard || shard.ClosedAt < snapshot.Horizon(context.Now))
            return KinesisErrors.ShardNotFoundForRead(id, name);
        if (Find(context, request, name, shard, snapshot.Log, out var index) is { } error)
            return error;
        // A dry run costs no throughput.
        if (request.DryRun == true)
            return KinesisErrors.DryRun;
        if (context.Engine.Options.EnforceRates && !shard.Throttle.TryTakeIterator())
            return KinesisErrors.ShardRateExceeded(name, id);
        return new GetShardIteratorResponse
        {
            ShardIterator = new ShardIterator(stream!.Id, name, id, index, context.Now).Seal(context.Engine.Tokens),
        };
    }

    private static KinesisError? Find(
        OperationContext context, GetShardIteratorRequest request, StreamName name, Streams.Shard shard, IRecordLog log, out long index)
    {
        try
        {
            return new ReadStart(request.ShardIteratorType!, request.StartingSequenceNumber, request.Timestamp).Find(name, shard, log, context.Now, out index);
        }
        catch (ObjectDisposedException)
        {
            // The stream is being deleted, and its log was closed under the request.
            index = 0;
            return KinesisErrors.ShardNotFoundForRead(shard.Id, name);
        }
    }
}
