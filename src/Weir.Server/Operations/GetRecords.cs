using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Server.Http;
using Weir.Streams;
using Weir.Streams.Encryption;
using Weir.Streams.Reading;

namespace Weir.Server.Operations;

/// <summary>
/// GetRecords (spec sections 5.6 and 7.2). Errors: InvalidArgument (iterator), ExpiredIterator, ResourceNotFound,
/// ProvisionedThroughputExceeded, DryRunOperation, KMS (six of them), ServiceUnavailable. Records go from the log's memory straight into the response.
/// </summary>
internal static class GetRecords
{
    // Names, quotes, sequence number and time of one record.
    private const int RecordEnvelopeBytes = 192;

    // The response asks the server's budget for room in steps of this.
    private const int BudgetStepBytes = 256 * 1024;

    public static async ValueTask<KinesisError?> RunAsync(OperationCall call)
    {
        if (call.Read(out var input) is { } invalid)
            return invalid;
        var request = GetRecordsRequest.Read(input);
        var iterator = ShardIterator.Open(call.Context.Engine.Tokens, request.ShardIterator!);
        var target = iterator is null ? RequestTarget.None : new RequestTarget(iterator.Stream, Consumer: null, iterator.Shard);
        if (await call.AdmitAsync(target).ConfigureAwait(false) is { } refused)
            return refused;
        if (Check(call, request, iterator, out var start) is { } error)
            return error;
        try
        {
            return await RespondAsync(call, start).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The stream is being deleted, and its log was closed under the request.
            return KinesisErrors.ShardNotFoundForRead(start.Shard.Id, start.Iterator.Stream);
        }
    }

    private static async ValueTask<KinesisError?> RespondAsync(OperationCall call, Start start)
    {
        var room = 0;
        while (true)
        {
            var (error, missing) = await RespondAsync(call, start, room).ConfigureAwait(false);
            if (error is not null || missing == 0)
                return error;
            // Not even the first record has room in the server's budget: it waits in line for it, as bodies do.
            call.Output.Clear();
            if (!await call.TakeShareAsync(missing).ConfigureAwait(false))
                return KinesisErrors.ServiceUnavailable;
            room += missing;
        }
    }

    private static KinesisError? Check(OperationCall call, GetRecordsRequest request, ShardIterator? iterator, out Start start)
    {
        var context = call.Context;
        start = default;
        var now = context.Now;
        if (iterator is null || iterator.IssuedAt > now)
            return KinesisErrors.InvalidShardIterator;
        if (now - iterator.IssuedAt > KinesisLimits.ShardIteratorLifetime)
            return KinesisErrors.IteratorExpired(iterator.IssuedAt, now);
        if (request.StreamARN is { } arn && arn != iterator.Stream.Arn)
            return KinesisErrors.IteratorOfOtherStream(arn);
        // The account may be another: whether this caller may read there was asked already.
        if (iterator.Stream.Region != context.Region)
            return KinesisErrors.InvalidShardIterator;
        var snapshot = context.Engine.Streams.Find(iterator.StreamId)?.Current;
        if (snapshot?.Log is null || snapshot.Shards.Find(iterator.Shard) is not { } shard || shard.ClosedAt < snapshot.Horizon(now))
            return KinesisErrors.ShardNotFoundForRead(iterator.Shard, iterator.Stream);
        if (request.DryRun == true)
            return WouldBeRefused(context, snapshot, shard, iterator.Index) ?? KinesisErrors.DryRun;
        if (context.Engine.Options.EnforceRates && !shard.Throttle.TryBeginRead())
        {
            call.Metrics.Streams.ReadThrottled(snapshot, shard);
            return KinesisErrors.ShardRateExceeded(iterator.Stream, shard.Id);
        }

        start = new Start(iterator, snapshot, shard, request.Limit ?? KinesisLimits.MaxGetRecordsLimit);
        return null;
    }

    private static KinesisError? WouldBeRefused(OperationContext context, DataStream.Snapshot snapshot, Streams.Shard shard, long index)
    {
        using var ahead = new ShardReader(snapshot.Log!, context.Engine.Keys, shard, index, snapshot.Horizon(context.Now));
        return ahead.TryRead(out _) ? null : KeyRefusal.OfReading(ahead.KeyState, context, snapshot.Row.Name);
    }

    /// <summary>Writes the response.</summary>
    /// <param name="call">The call.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="room">Bytes that the response may have before it asks the server's budget for more.</param>
    /// <returns>
    /// Null, or why the first record cannot be given; and 0, or how much room the first record would need, with nothing of use in the output.
    /// </returns>
    private static async ValueTask<(KinesisError? Error, int Missing)> RespondAsync(OperationCall call, Start start, int room)
    {
        var (iterator, snapshot, shard, _) = start;
        var context = call.Context;
        var now = context.Now;
        // Looked at before reading: what is appended meanwhile is "behind" rather than missed.
        var end = snapshot.Log!.GetShard(shard.Id.Number);
        var writer = call.Codec.CreateRecordsWriter(call.Output);
        writer.Begin();
        using var reader = new ShardReader(snapshot.Log, context.Engine.Keys, shard, iterator.Index, snapshot.Horizon(now));
        var page = await CopyInTurnsAsync(call, reader, writer, start.Limit, room).ConfigureAwait(false);
        return page.MissingRoom > 0 ? (null, page.MissingRoom) : (Finish(call, start, reader, writer, page, end.NextIndex, now), 0);
    }

    private static KinesisError? Finish(
        OperationCall call, Start start, ShardReader reader, IRecordsWriter writer, Page page, long endIndex, DateTimeOffset now)
    {
        var (iterator, snapshot, shard, _) = start;
        var context = call.Context;
        if (page.Count == 0 && KeyRefusal.OfReading(reader.KeyState, context, iterator.Stream) is { } refusal)
            return refusal;
        if (context.Engine.Options.EnforceRates)
            shard.Throttle.EndRead(page.Bytes, page.HitCap);

        var caughtUp = page.AtEnd || reader.NextIndex >= endIndex;
        var behind = caughtUp ? 0 : Behind(context, page, reader.NextIndex, snapshot, shard);
        call.Metrics.Streams.GetRecords(snapshot, shard, page.Count, page.Bytes, behind);
        if (caughtUp && !shard.IsOpen)
        {
            // Both or neither: the KCL treats a missing iterator without children, and children beside an iterator, as errors.
            writer.End(nextShardIterator: null, millisBehindLatest: 0, [.. snapshot.Shards.ChildrenOf(shard.Id).Select(ShardMessage.ChildOf)]);
            return null;
        }

        var next = iterator with { Index = reader.NextIndex, IssuedAt = now };
        writer.End(next.Seal(context.Engine.Tokens), behind, childShards: null);
        return null;
    }

    // The first piece is small and waits for nobody: readers at the tip need no more. A page of MiB takes a turn for each further piece, so
    // that a reader who scans the whole stream leaves the processors to others in between.
    private static async ValueTask<Page> CopyInTurnsAsync(OperationCall call, ShardReader reader, IRecordsWriter writer, int limit, int room)
    {
        var page = new Page { Room = room };
        Copy(call, reader, writer, limit, LargeWork.SmallBytes, ref page);
        while (!page.IsDone)
        {
            using (await call.Memory.LargeWork.EnterAsync(LargeWork.TurnBytes).ConfigureAwait(false))
                CopyTurn(call, reader, writer, limit, ref page);
        }

        // As much as one call can give is the cap too, whether or not there was more.
        page.HitCap |= page.Bytes >= KinesisLimits.MaxGetRecordsBytes;
        return page;
    }

    private static void CopyTurn(OperationCall call, ShardReader reader, IRecordsWriter writer, int limit, ref Page page)
    {
        var end = page.Bytes + LargeWork.TurnBytes;
        while (!page.IsDone && page.Bytes < end)
        {
            Copy(call, reader, writer, limit, LargeWork.StepBytes, ref page);
            LargeWork.GiveWay();
        }
    }

    /// <summary>Copies records until the page is done, or until a piece of it is.</summary>
    private static void Copy(OperationCall call, ShardReader reader, IRecordsWriter writer, int limit, int pieceBytes, ref Page page)
    {
        var pieceEnd = page.Bytes + pieceBytes;
        while (page.Count < limit)
        {
            if (page.Bytes >= pieceEnd)
                return;
            if (!reader.TryRead(out var record))
            {
                // A record whose key cannot be used ends the page too; the next call, which begins with it, is told why.
                page.AtEnd = reader.KeyState == KeyState.Usable;
                break;
            }

            var encoded = RecordEnvelopeBytes + (record.PartitionKey.Length * 6) + (record.Data.Length / 3 * 4);
            if (page.Count > 0 && page.Bytes + record.SizeBytes > KinesisLimits.MaxGetRecordsBytes)
            {
                page.HitCap = true;
                reader.Unread(record);
                break;
            }

            // A server without room for more answers with what it has; without room for one record it has no answer yet.
            if (encoded > page.Room && !call.TryTakeShare(Math.Max(encoded, BudgetStepBytes), ref page.Room))
            {
                reader.Unread(record);
                page.MissingRoom = page.Count == 0 ? encoded : 0;
                break;
            }

            page.Room -= encoded;
            writer.Record(record.SequenceNumber, record.ArrivedAt, record.Data, record.PartitionKey, record.Encrypted);
            page.Count++;
            page.Bytes += record.SizeBytes;
            page.LastArrival = record.ArrivedAt;
        }

        page.IsDone = true;
    }

    // Age of the last record given; of the position when none was given.
    private static long Behind(OperationContext context, Page page, long nextIndex, DataStream.Snapshot snapshot, Streams.Shard shard)
    {
        var now = context.Now;
        var position = page.LastArrival;
        if (page.Count == 0)
        {
            using var ahead = new ShardReader(snapshot.Log!, context.Engine.Keys, shard, nextIndex, snapshot.Horizon(now));
            if (!ahead.TryRead(out var record))
                return 0;
            position = record.ArrivedAt;
        }

        return Math.Max(0, (long)(now - position).TotalMilliseconds);
    }

    /// <summary>Where and how far to read.</summary>
    private readonly record struct Start(ShardIterator Iterator, DataStream.Snapshot Snapshot, Streams.Shard Shard, int Limit);

    private struct Page
    {
        public bool IsDone;

        // What the answer may still have before it asks for more.
        public int Room;
        public int Count;
        public long Bytes;
        public DateTimeOffset LastArrival;
        public bool AtEnd;
        public bool HitCap;

        // What the first record needs when the budget has not as much; nothing was copied then.
        public int MissingRoom;
    }
}
