using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>MergeShards (spec section 7.5). Errors: ResourceNotFound, Validation (on-demand), ResourceInUse, InvalidArgument.</summary>
internal static class MergeShards
{
    public static async ValueTask<OperationResult<MergeShardsResponse>> RunAsync(OperationContext context, MergeShardsRequest request)
    {
        if (context.Address(request.StreamName, request.StreamARN, out var name) is { } wrongAddress)
            return wrongAddress;
        if (!ShardId.TryNormalize(request.ShardToMerge, out var lower))
            return KinesisErrors.ShardNotFound(request.ShardToMerge!, name);
        if (!ShardId.TryNormalize(request.AdjacentShardToMerge, out var upper))
            return KinesisErrors.ShardNotFound(request.AdjacentShardToMerge!, name);
        if (context.FindProvisioned(request.StreamName, request.StreamARN, out var stream) is { } missing)
            return missing;
        var outcome = await context.Engine.Resharding.MergeAsync(stream, lower, upper).ConfigureAwait(false);
        var shards = stream.Current.Shards;
        return outcome switch
        {
            ReshardOutcome.Started => new MergeShardsResponse(),
            ReshardOutcome.NotActive => OperationContext.NotActive(stream),
            ReshardOutcome.ShardMissing => KinesisErrors.ShardNotFound(
                (shards.Find(lower) is null ? lower : upper).ToString(), name),
            ReshardOutcome.ShardClosed => KinesisErrors.ShardAlreadyClosed(
                shards.Find(lower)!.IsOpen ? upper : lower, name),
            ReshardOutcome.NotAdjacent => KinesisErrors.ShardsNotAdjacent(lower, upper, name),
            _ => throw new System.Diagnostics.UnreachableException($"Outcome {outcome} of MergeShards."),
        };
    }
}
