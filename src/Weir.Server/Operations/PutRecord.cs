using System.Runtime.CompilerServices;
using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>
/// PutRecord (spec section 7.3). Errors: ResourceNotFound, Validation (record too large, key missing), InvalidArgument (explicit hash
/// key, number for ordering), ProvisionedThroughputExceeded, KMS (six of them), InternalFailure, DryRunOperation.
/// </summary>
internal static class PutRecord
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<KinesisError?> RunAsync(OperationCall call)
    {
        using var request = PutRequest.Rent();
        if (Read(call, request) is { } invalid)
            return invalid;
        var context = call.Context;
        if (await call.AdmitAsync(PutChecks.TargetOf(call, request)).ConfigureAwait(false) is { } refused)
            return refused;
        if (PutChecks.Find(context, request, out var stream) is { } missing)
            return missing;
        if (PutChecks.CheckConstraints(request, 0, entry: null, stream.Current) is { } wrongRecord)
            return wrongRecord;
        if (PutChecks.CheckHashKey(request, 0) is { } wrongHashKey)
            return wrongHashKey;
        if (request.SequenceNumberForOrdering is { } previous && IsNotPast(previous, context.Now))
            return KinesisErrors.SequenceNumberForOrderingInvalid(previous, stream.Name);
        if (request.DryRun)
            return KeyRefusal.OfWriting(context.Engine.Keys.StateFor(stream.Current), context, stream) ?? KinesisErrors.DryRun;

        using var outcomes = PutOutcomes.Rent(1);
        var gate = call.Faults?.GateOf(call.Operation, call.Target);
        await context.Engine.Records.AppendAsync(stream, new PutSource(request), outcomes, gate).ConfigureAwait(false);
        var outcome = outcomes.All[0];
        call.Metrics.Streams.PutRecord(stream.Current, outcome, request.RecordBytes(0));
        if (outcome.Status == PutStatus.KeyRefused)
            return KeyRefusal.OfWriting(outcomes.KeyState, context, stream);
        if (outcome.Status != PutStatus.Accepted)
            return PutChecks.Refusal(outcome, stream.Name);
        call.Codec.WritePutRecord(call.Output, outcome.SequenceNumber, outcome.Shard!.Id, outcomes.Encrypted);
        return null;
    }

    /// <summary>The fast path takes what clients send; it declines everything unusual, and the general path then reads or explains it.</summary>
    private static KinesisError? Read(OperationCall call, PutRequest request)
    {
        if (call.Codec.TryReadPutRecord(call.Body.Span, request))
            return null;
        if (call.Read(out var input) is { } invalid)
            return invalid;
        request.Load(PutRecordRequest.Read(input));
        return null;
    }

    // One order per shard keeps the promise of the argument by itself, so it is only checked for being a number of the past.
    private static bool IsNotPast(string text, DateTimeOffset now) =>
        SequenceNumberText.Parse(text, out var number) == SequenceNumberVersion.Invalid || number.RecordSeconds > now.ToUnixTimeSeconds();
}
