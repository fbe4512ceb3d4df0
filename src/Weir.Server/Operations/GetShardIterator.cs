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
        var log = snapshot.Log;
        if (Position(context, request, name, shard, log, out var index) is { } error)
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

    private static KinesisError? Position(
        OperationContext context, GetShardIteratorRequest request, StreamName name, Streams.Shard shard, Log.IRecordLog log, out long index)
    {
        index = 0;
        var type = request.ShardIteratorType!;
        var bySequenceNumber = type is ShardIteratorTypes.AtSequenceNumber or ShardIteratorTypes.AfterSequenceNumber;
        // AT_TIMESTAMP ignores a sequence number.
        if (request.StartingSequenceNumber is { } text && type != ShardIteratorTypes.AtTimestamp)
        {
            if (!bySequenceNumber)
                return KinesisErrors.IteratorTypeContradictsNumber(type, withSequenceNumber: true);
            if (CheckNumber(text, name, shard, out var number) is { } error)
                return error;
            index = type == ShardIteratorTypes.AtSequenceNumber || number.Index == SequenceNumber.EndIndex ? number.Index : number.Index + 1;
            return null;
        }

        if (bySequenceNumber)
            return KinesisErrors.IteratorTypeContradictsNumber(type, withSequenceNumber: false);
        switch (type)
        {
            case ShardIteratorTypes.Latest:
                index = log.GetShard(shard.Id.Number).NextIndex;
                return null;
            case ShardIteratorTypes.AtTimestamp when request.Timestamp is null:
                return KinesisErrors.TimestampMissing;
            case ShardIteratorTypes.AtTimestamp when request.Timestamp > context.Now:
                return KinesisErrors.TimestampInFuture(request.Timestamp.Value, context.Now);
            case ShardIteratorTypes.AtTimestamp:
                index = log.FindTime(shard.Id.Number, request.Timestamp.Value);
                return null;
            default:
                return null;
        }
    }

    private static KinesisError? CheckNumber(string text, StreamName name, Streams.Shard shard, out SequenceNumber number)
    {
        var version = SequenceNumberText.Parse(text, out number);
        if (version == SequenceNumberVersion.Invalid)
            return KinesisErrors.StartingSequenceNumberInvalid(text, shard.Id, name);
        if (number.Shard != shard.Id)
            return KinesisErrors.StartingSequenceNumberOfOtherShard(number.Shard, shard.Id);
        return version != SequenceNumberVersion.V2 || number.CreatedSeconds != shard.CreatedSeconds
            ? KinesisErrors.StartingSequenceNumberOfOtherStream(text, shard.Id, name)
            : null;
    }
}
