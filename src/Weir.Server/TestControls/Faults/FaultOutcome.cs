using Weir.Model;
using Weir.Protocol;
using Weir.Server.Operations;

namespace Weir.Server.TestControls.Faults;

/// <summary>What faults come to for one request: nothing, by default.</summary>
/// <param name="Error">The refusal, or null when the request goes on.</param>
/// <param name="LosesAnswer">Whether the connection ends in place of the answer, whatever that would be.</param>
internal readonly record struct FaultOutcome(KinesisError? Error, bool LosesAnswer = false)
{
    // Operations whose throttle is a shard's; beside the puts, which are throttled by record.
    private static readonly HashSet<KinesisOperation> OfShards = [KinesisOperation.GetRecords, KinesisOperation.GetShardIterator];

    /// <summary>Whether a throttle can name what it throttles. A read of something that is no shard gets its own error.</summary>
    public static bool CanThrottle(KinesisOperation operation, in RequestTarget target) =>
        !OfShards.Contains(operation) || target is { Stream: not null, Shard: not null };

    /// <summary>The outcome of a fault that hits a request; any kind but latency.</summary>
    public static FaultOutcome Of(FaultDefinition fault, KinesisOperation operation, OperationContext context, in RequestTarget target) => fault.Kind switch
    {
        FaultKind.Throttle => new FaultOutcome(Throttled(operation, target)),
        FaultKind.InternalFailure => new FaultOutcome(KinesisErrors.InternalFailure),
        FaultKind.Unavailable => new FaultOutcome(KinesisErrors.ServiceUnavailable),
        // As if it had been issued a second more than its lifetime ago.
        FaultKind.ExpireIterator => new FaultOutcome(
            KinesisErrors.IteratorExpired(context.Now - KinesisLimits.ShardIteratorLifetime - TimeSpan.FromSeconds(1), context.Now)),
        FaultKind.RefuseKey => new FaultOutcome(KeyRefusal.Of(fault.KeyState, context, operation, target.Stream!.Value)),
        // The error keeps the request from taking effect; nobody sees it.
        FaultKind.Reset => new FaultOutcome(fault.AfterEffect ? null : KinesisErrors.InternalFailure, LosesAnswer: true),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, "Not a fault that answers a request."),
    };

    private static KinesisError Throttled(KinesisOperation operation, in RequestTarget target) =>
        target.Stream is not { } stream ? KinesisErrors.RateExceeded
        : OfShards.Contains(operation) ? KinesisErrors.ShardRateExceeded(stream, target.Shard!.Value)
        : operation == KinesisOperation.SubscribeToShard && target is { Consumer: { } consumer, Shard: { } shard } ? KinesisErrors.SubscribeRateExceeded(consumer, shard)
        : KinesisErrors.StreamRateExceeded(stream);
}
