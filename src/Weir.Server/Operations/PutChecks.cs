using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Records;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>The checks that PutRecord and PutRecords share, in the order of spec section 7.3.</summary>
internal static class PutChecks
{
    /// <summary>What a PutRecord is about. Its shard is found out here only for faults: nothing else asks before the record is routed.</summary>
    public static RequestTarget TargetOf(OperationCall call, PutRequest request)
    {
        var target = RequestTarget.OfStream(call.Context, request.StreamName, request.StreamArn);
        if (call.Faults?.WantsShardOf(call.Operation, target) != true || target.Stream is not { } name
            || !request.HasPartitionKey(0) || request.ExplicitHashKeyOutOfRange(0) is not null
            || call.Context.Engine.Streams.Find(name)?.Current is not { TakesRecords: true } snapshot
            // Spread in turn: the shard is chosen when the record is routed, and by nothing before.
            || snapshot.Row.Distribution == RecordDistribution.Auto)
            return target;
        return target with { Shard = snapshot.Shards.Route(request.HashKey(0)).Id };
    }

    /// <summary>Finds the stream. Writers see one that is not ACTIVE or UPDATING as missing.</summary>
    public static KinesisError? Find(OperationContext context, PutRequest request, out DataStream stream)
    {
        if (context.Find(request.StreamName, request.StreamArn, out stream) is { } missing)
            return missing;
        return stream.Current.TakesRecords ? null : KinesisErrors.StreamNotFound(stream.Name);
    }

    /// <summary>Checks what is said in the form of the model's constraints: that a record has a key, and is not too large.</summary>
    /// <param name="request">The request.</param>
    /// <param name="record">Which record.</param>
    /// <param name="entry">The same number for PutRecords, null for PutRecord: decides the path in the text.</param>
    /// <param name="stream">The stream: has a limit, and needs no key when it spreads records by itself.</param>
    public static KinesisError? CheckConstraints(PutRequest request, int record, int? entry, DataStream.Snapshot stream)
    {
        if (!request.HasPartitionKey(record) && stream.Row.Distribution != RecordDistribution.Auto)
            return KinesisErrors.PartitionKeyMissing(entry);
        return request.RecordBytes(record) > stream.MaxRecordBytes ? KinesisErrors.RecordTooLarge(entry, stream.MaxRecordBytes) : null;
    }

    /// <summary>Checks a record's explicit hash key.</summary>
    public static KinesisError? CheckHashKey(PutRequest request, int record) =>
        request.ExplicitHashKeyOutOfRange(record) is { } tooHigh ? KinesisErrors.ExplicitHashKeyOutOfRange(tooHigh) : null;

    /// <summary>Why one entry of PutRecords was refused: only throttles and faults are told by entry.</summary>
    public static KinesisError RefusalOfEntry(in PutOutcome outcome, StreamName stream) => outcome.Status switch
    {
        PutStatus.Throttled or PutStatus.Overloaded => KinesisErrors.ShardRateExceeded(stream, outcome.Shard!.Id),
        PutStatus.StorageFull => KinesisErrors.StorageFullOfEntry,
        _ => KinesisErrors.InternalFailureOfEntry,
    };

    /// <summary>Why the record of a PutRecord was refused.</summary>
    public static KinesisError Refusal(in PutOutcome outcome, StreamName stream) => outcome.Status switch
    {
        PutStatus.Throttled or PutStatus.Overloaded => KinesisErrors.ShardRateExceeded(stream, outcome.Shard!.Id),
        PutStatus.StreamGone => KinesisErrors.StreamNotFound(stream),
        PutStatus.StorageFull => KinesisErrors.StorageFull,
        _ => KinesisErrors.InternalFailure,
    };
}
