using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams;
using Weir.Streams.OnDemand;

namespace Weir.Server.Operations;

/// <summary>UpdateStreamRecordDistributionStrategy (spec section 7.1). Errors: ResourceNotFound, InvalidArgument, ResourceInUse.</summary>
/// <remarks>Addressed by ARN only: the request has no stream name. In force for the next put; records that are there stay where they are.</remarks>
internal static class UpdateStreamRecordDistributionStrategy
{
    public static async ValueTask<OperationResult<UpdateStreamRecordDistributionStrategyResponse>> RunAsync(
        OperationContext context, UpdateStreamRecordDistributionStrategyRequest request)
    {
        if (context.Find(name: null, request.StreamARN, out var stream) is { } missing)
            return missing;
        var distribution = StreamMessage.DistributionOf(request.RecordDistributionStrategy);
        if (distribution == RecordDistribution.Auto && stream.Current.Row.Mode != StreamMode.OnDemand)
            return KinesisErrors.AutoDistributionNotExpected;
        return await context.Engine.Capacity.SetDistributionAsync(stream, distribution).ConfigureAwait(false) switch
        {
            CapacityOutcome.Changed => new UpdateStreamRecordDistributionStrategyResponse(),
            CapacityOutcome.NotActive => OperationContext.NotActive(stream),
            // The mode changed after it was looked at.
            CapacityOutcome.NotOnDemand => KinesisErrors.AutoDistributionNotExpected,
            var outcome => throw new System.Diagnostics.UnreachableException($"Outcome {outcome} of UpdateStreamRecordDistributionStrategy."),
        };
    }
}
