using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>UpdateStreamWarmThroughput (spec section 7.1). Errors: ResourceNotFound, Validation, ResourceInUse, LimitExceeded, InvalidArgument.</summary>
/// <remarks>Answered with the target when that is in the catalog; the stream is UPDATING until it has the shards.</remarks>
internal static class UpdateStreamWarmThroughput
{
    public static async ValueTask<OperationResult<UpdateStreamWarmThroughputResponse>> RunAsync(
        OperationContext context, UpdateStreamWarmThroughputRequest request)
    {
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } missing)
            return missing;
        if (stream.Current.Row.Mode != StreamMode.OnDemand)
            return KinesisErrors.StreamIsProvisioned(stream.Name);
        if (!context.Engine.Capacity.AllowsWarmThroughput(stream.Name))
            return KinesisErrors.WarmThroughputInvalid(stream.Name.Account);
        var mibps = request.WarmThroughputMiBps!.Value;
        var outcome = await context.Engine.Capacity.SetWarmThroughputAsync(stream, mibps).ConfigureAwait(false);
        if (CapacityRefusal.Of(context, stream, outcome, mibps) is { } refused)
            return refused;
        return new UpdateStreamWarmThroughputResponse
        {
            StreamARN = stream.Name.Arn,
            StreamName = stream.Name.Name,
            WarmThroughput = StreamMessage.WarmThroughputOf(stream.Current),
        };
    }
}
