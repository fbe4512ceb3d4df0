using Weir.Model;
using Weir.Protocol.Messages;
using Weir.Protocol;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>UpdateShardCount (spec section 7.5). Errors: ResourceNotFound, Validation (on-demand), ResourceInUse, LimitExceeded, InvalidArgument.</summary>
/// <remarks>Answered when the scaling is in the catalog; the stream is UPDATING until it is done.</remarks>
internal static class UpdateShardCount
{
    public static async ValueTask<OperationResult<UpdateShardCountResponse>> RunAsync(OperationContext context, UpdateShardCountRequest request)
    {
        if (context.FindProvisioned(request.StreamName, request.StreamARN, out var stream) is { } missing)
            return missing;
        var name = stream.Name;
        var target = request.TargetShardCount!.Value;
        var result = await context.Engine.Scaling.BeginAsync(stream, target).ConfigureAwait(false);
        return result.Outcome switch
        {
            ScalingOutcome.Started or ScalingOutcome.Unchanged => new UpdateShardCountResponse
            {
                StreamName = name.Name,
                CurrentShardCount = result.OpenShards,
                TargetShardCount = target,
                StreamARN = name.Arn,
            },
            // The mode changed after it was looked at.
            ScalingOutcome.OnDemand => KinesisErrors.StreamIsOnDemand(name),
            ScalingOutcome.NotActive => OperationContext.NotActive(stream),
            ScalingOutcome.AboveDouble => KinesisErrors.ScalingAboveDouble(result.OpenShards, target),
            ScalingOutcome.BelowHalf => KinesisErrors.ScalingBelowHalf(result.OpenShards, target),
            ScalingOutcome.TooManyShards => KinesisErrors.ScalingAboveMaximum(result.OpenShards, target),
            ScalingOutcome.ShardLimit => KinesisErrors.ShardLimitExceeded(
                name, context.Engine.OpenShards(name.Account, name.Region), KinesisLimits.MaxShardsPerAccount, result.AdditionalShards),
            ScalingOutcome.TooOften => KinesisErrors.ScaledTooOften(name),
            _ => throw new System.Diagnostics.UnreachableException($"Outcome {result.Outcome} of UpdateShardCount."),
        };
    }
}
