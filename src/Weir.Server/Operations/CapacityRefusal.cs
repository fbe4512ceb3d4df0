using System.Diagnostics;
using Weir.Model;
using Weir.Protocol;
using Weir.Streams;
using Weir.Streams.OnDemand;

namespace Weir.Server.Operations;

/// <summary>What the operations answer that change a stream's mode, warm throughput or distribution, when nothing was changed.</summary>
internal static class CapacityRefusal
{
    /// <summary>The refusal, or null when there is none.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="outcome">What became of the change.</param>
    /// <param name="warmMibps">The warm throughput that was asked for.</param>
    public static KinesisError? Of(OperationContext context, DataStream stream, CapacityOutcome outcome, int warmMibps)
    {
        var name = stream.Name;
        return outcome switch
        {
            CapacityOutcome.Changed or CapacityOutcome.Unchanged => null,
            CapacityOutcome.NotActive => OperationContext.NotActive(stream),
            CapacityOutcome.TooOften => KinesisErrors.ModeChangedTooOften(name),
            CapacityOutcome.WarmNotExpected => KinesisErrors.WarmThroughputNotExpected,
            CapacityOutcome.NotCommitted => KinesisErrors.WarmThroughputNotCommitted(name.Account),
            CapacityOutcome.WarmTooHigh => KinesisErrors.WarmThroughputTooHigh(warmMibps),
            CapacityOutcome.TooManyOnDemand => KinesisErrors.OnDemandStreamLimitExceeded(name.Account, KinesisLimits.MaxOnDemandStreams),
            CapacityOutcome.ShardLimit => KinesisErrors.ShardLimitExceeded(
                name, context.Engine.OpenShards(name.Account, name.Region), KinesisLimits.MaxShardsPerAccount,
                CapacitySettings.ShardsOf(warmMibps) - stream.Current.Shards.Open.Count),
            CapacityOutcome.NotOnDemand => KinesisErrors.StreamIsProvisioned(name),
            _ => throw new UnreachableException($"Outcome {outcome} of a change of capacity."),
        };
    }
}
