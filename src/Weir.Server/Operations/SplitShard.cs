using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>SplitShard (spec section 7.5). Errors: ResourceNotFound, Validation (on-demand), ResourceInUse, InvalidArgument, LimitExceeded.</summary>
internal static class SplitShard
{
    public static async ValueTask<OperationResult<SplitShardResponse>> RunAsync(OperationContext context, SplitShardRequest request)
    {
        if (context.Address(request.StreamName, request.StreamARN, out var name) is { } wrongAddress)
            return wrongAddress;
        if (!ShardId.TryNormalize(request.ShardToSplit, out var id))
            return KinesisErrors.ShardNotFound(request.ShardToSplit!, name);
        if (context.FindProvisioned(request.StreamName, request.StreamARN, out var stream) is { } missing)
            return missing;
        // The pattern allows 39 digits, so a key above 2^128 - 1 gets here; no range contains it.
        var inRange = HashKey.TryParse(request.NewStartingHashKey.AsSpan(), out var at);
        var outcome = await context.Engine.Resharding.SplitAsync(stream, id, inRange ? at : HashKey.Max).ConfigureAwait(false);
        return outcome switch
        {
            ReshardOutcome.Started => new SplitShardResponse(),
            ReshardOutcome.NotActive => OperationContext.NotActive(stream),
            ReshardOutcome.ShardMissing => KinesisErrors.ShardNotFound(id.ToString(), name),
            ReshardOutcome.ShardClosed => KinesisErrors.ShardAlreadyClosed(id, name),
            ReshardOutcome.ShardLimit => KinesisErrors.ShardLimitExceeded(
                name, context.Engine.OpenShards(name.Account, name.Region), KinesisLimits.MaxShardsPerAccount, additional: 1),
            ReshardOutcome.BadSplitPoint => KinesisErrors.SplitPointOutOfRange(
                request.NewStartingHashKey!, id, name, stream.Current.Shards.Find(id)!.HashKeys),
            _ => throw new System.Diagnostics.UnreachableException($"Outcome {outcome} of SplitShard."),
        };
    }
}
