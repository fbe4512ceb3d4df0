using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Streams;
using Weir.Streams.Reading;

namespace Weir.Server.Operations;

/// <summary>
/// GetRecords (spec sections 5.6 and 7.2). Errors: InvalidArgument (iterator), ExpiredIterator, ResourceNotFound,
/// ProvisionedThroughputExceeded, DryRunOperation. Records go from the log's memory straight into the response.
/// </summary>
internal static class GetRecords
{

    // Names, quotes, sequence number and time of one record.
    private const int RecordEnvelopeBytes = 192;

    // The response asks the server's budget for room in steps of this.
    private const int BudgetStepBytes = 256 * 1024;

    public static ValueTask<KinesisError?> RunAsync(OperationCall call) => ValueTask.FromResult(Run(call));

    private static KinesisError? Run(OperationCall call)
    {
        if (call.Read(KinesisOperation.GetRecords, out var input) is { } invalid)
            return invalid;
        var request = GetRecordsRequest.Read(input);
        var context = call.Context;
        var now = context.Now;
        if (ShardIterator.Open(context.Engine.Tokens, request.ShardIterator!) is not { } iterator || iterator.IssuedAt > now)
            return KinesisErrors.InvalidShardIterator;
        if (now - iterator.IssuedAt > KinesisLimits.ShardIteratorLifetime)
            return KinesisErrors.IteratorExpired(iterator.IssuedAt, now);
        if (request.StreamARN is { } arn && arn != iterator.Stream.Arn)
            return KinesisErrors.IteratorOfOtherStream(arn);
        if (iterator.Stream.Account != context.Account || iterator.Stream.Region != context.Region)
            return KinesisErrors.InvalidShardIterator;
        var snapshot = context.Engine.Streams.Find(iterator.StreamId)?.Current;
        if (snapshot?.Log is null || snapshot.Shards.Find(iterator.Shard) is not { } shard || shard.ClosedAt < snapshot.Horizon(now))
            return KinesisErrors.ShardNotFoundForRead(iterator.Shard, iterator.Stream);
        if (request.DryRun == true)
            return KinesisErrors.DryRun;
        if (context.Engine.Options.EnforceRates && !shard.Throttle.TryBeginRead())
            return KinesisErrors.ShardRateExceeded(iterator.Stream, shard.Id);

        Respond(call, iterator, snapshot, shard, request.Limit ?? KinesisLimits.MaxGetRecordsLimit);
        return null;
    }

    private static void Respond(OperationCall call, ShardIterator iterator, DataStream.Snapshot snapshot, Streams.Shard shard, int limit)
    {
        var context = call.Context;
        var now = context.Now;
        // Looked at before reading: what is appended meanwhile is "behind" rather than missed.
        var end = snapshot.Log!.GetShard(shard.Id.Number);
        var writer = call.Codec.CreateRecordsWriter(call.Output);
        writer.Begin();
        using var reader = new ShardReader(snapshot.Log, shard, iterator.Index, snapshot.Horizon(now));
        var page = Copy(call, reader, writer, limit);
        if (context.Engine.Options.EnforceRates)
            shard.Throttle.EndRead(page.Bytes, page.HitCap);

        var caughtUp = page.AtEnd || reader.NextIndex >= end.NextIndex;
        if (caughtUp && !shard.IsOpen)
        {
            // Both or neither: the KCL treats a missing iterator without children, and children beside an iterator, as errors.
            writer.End(nextShardIterator: null, millisBehindLatest: 0, [.. snapshot.Shards.ChildrenOf(shard.Id).Select(ShardMessage.ChildOf)]);
            return;
        }

        var next = iterator with { Index = reader.NextIndex, IssuedAt = now };
        var behind = caughtUp ? 0 : Behind(page, now, reader.NextIndex, snapshot, shard);
        writer.End(next.Seal(context.Engine.Tokens), behind, childShards: null);
    }

    private static Page Copy(OperationCall call, ShardReader reader, IRecordsWriter writer, int limit)
    {
        var page = default(Page);
        var room = 0;
        while (page.Count < limit)
        {
            if (!reader.TryRead(out var record))
            {
                page.AtEnd = true;
                break;
            }

            var encoded = RecordEnvelopeBytes + (record.PartitionKey.Length * 6) + (record.Data.Length / 3 * 4);
            if (page.Count > 0 && page.Bytes + record.SizeBytes > KinesisLimits.MaxGetRecordsBytes)
            {
                page.HitCap = true;
                reader.Unread(record);
                break;
            }

            // A server without room for more answers with what it has; the first record is always given.
            if (encoded > room && !call.TryTakeShare(Math.Max(encoded, BudgetStepBytes), ref room) && page.Count > 0)
            {
                reader.Unread(record);
                break;
            }

            room -= encoded;
            writer.Record(record.SequenceNumber, record.ArrivedAt, record.Data, record.PartitionKey);
            page.Count++;
            page.Bytes += record.SizeBytes;
            page.LastArrival = record.ArrivedAt;
        }

        // As much as one call can give is the cap too, whether or not there was more.
        page.HitCap |= page.Bytes >= KinesisLimits.MaxGetRecordsBytes;
        return page;
    }

    // Age of the last record given; of the position when none was given.
    private static long Behind(Page page, DateTimeOffset now, long nextIndex, DataStream.Snapshot snapshot, Streams.Shard shard)
    {
        var position = page.LastArrival;
        if (page.Count == 0)
        {
            using var ahead = new ShardReader(snapshot.Log!, shard, nextIndex, snapshot.Horizon(now));
            if (!ahead.TryRead(out var record))
                return 0;
            position = record.ArrivedAt;
        }

        return Math.Max(0, (long)(now - position).TotalMilliseconds);
    }

    private struct Page
    {
        public int Count;
        public long Bytes;
        public DateTimeOffset LastArrival;
        public bool AtEnd;
        public bool HitCap;
    }
}
