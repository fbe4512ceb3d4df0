using System.Runtime.CompilerServices;
using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>
/// PutRecords (spec section 7.3). Errors of the whole request: ResourceNotFound, Validation (a record too large, a key missing),
/// InvalidArgument (explicit hash key, total size), KMS (six of them), DryRunOperation. Of one entry: ProvisionedThroughputExceeded, InternalFailure.
/// </summary>
internal static class PutRecords
{
    // What an accepted record takes in the answer, in either encoding.
    private const int EntryBytes = 128;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<KinesisError?> RunAsync(OperationCall call)
    {
        using var request = PutRequest.Rent();
        if (Read(call, request) is { } invalid)
            return invalid;
        var context = call.Context;
        if (await call.AdmitAsync(RequestTarget.OfStream(context, request.StreamName, request.StreamArn)).ConfigureAwait(false) is { } refused)
            return refused;
        if (PutChecks.Find(context, request, out var stream) is { } missing)
            return missing;
        if (Check(request, stream.Current) is { } wrongRecord)
            return wrongRecord;
        if (request.DryRun)
            return KeyRefusal.OfWriting(context.Engine.Keys.StateFor(stream.Current), context, stream) ?? KinesisErrors.DryRun;

        using var outcomes = PutOutcomes.Rent(request.Count);
        var gate = call.Faults?.GateOf(call.Operation, call.Target);
        await context.Engine.Records.AppendAsync(stream, new PutSource(request), outcomes, gate).ConfigureAwait(false);
        call.Metrics.Streams.PutRecords(stream.Current, request, outcomes);
        // Without its key a stream stores none of the records, and the model has an error of the whole request for that.
        return KeyRefusal.OfWriting(outcomes.KeyState, context, stream) ?? Respond(call, stream.Name, outcomes);
    }

    private static KinesisError? Read(OperationCall call, PutRequest request)
    {
        if (call.Codec.TryReadPutRecords(call.Body.Span, request))
            return null;
        if (call.Read(out var input) is { } invalid)
            return invalid;
        request.Load(PutRecordsRequest.Read(input));
        return null;
    }

    private static KinesisError? Check(PutRequest request, DataStream.Snapshot stream)
    {
        // Each check goes over all entries before the next: what is wrong by the model's constraints is told first, whichever entry it is in.
        for (var i = 0; i < request.Count; i++)
        {
            if (PutChecks.CheckConstraints(request, i, entry: i, stream) is { } wrong)
                return wrong;
        }

        for (var i = 0; i < request.Count; i++)
        {
            if (PutChecks.CheckHashKey(request, i) is { } wrong)
                return wrong;
        }

        return request.TotalBytes > KinesisLimits.MaxPutRecordsBytes ? KinesisErrors.RecordsTooLarge : null;
    }

    private static KinesisError? Respond(OperationCall call, StreamName stream, PutOutcomes outcomes)
    {
        var failed = 0;
        foreach (ref var outcome in outcomes.All)
        {
            // The stream went away under the request: the whole of it is answered so, unless some of it is durable.
            if (outcome.Status != PutStatus.Accepted)
                failed++;
        }

        if (failed == outcomes.All.Length && outcomes.All[0].Status == PutStatus.StreamGone)
            return KinesisErrors.StreamNotFound(stream);
        // All at once, and not in doublings that copy what is there.
        call.Output.GetSpan(outcomes.All.Length * EntryBytes);
        var writer = call.Codec.CreatePutRecordsWriter(call.Output);
        writer.Begin(failed);
        foreach (ref var outcome in outcomes.All)
        {
            if (outcome.Status == PutStatus.Accepted)
                writer.Success(outcome.SequenceNumber, outcome.Shard!.Id);
            else
                writer.Failure(PutChecks.RefusalOfEntry(outcome, stream));
        }

        writer.End(outcomes.Encrypted);
        return null;
    }
}
