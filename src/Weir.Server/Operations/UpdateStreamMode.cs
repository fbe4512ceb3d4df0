using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>UpdateStreamMode (spec section 7.1). Errors: ResourceNotFound, ResourceInUse, LimitExceeded, InvalidArgument.</summary>
/// <remarks>Addressed by ARN only: the request has no stream name. A stream that has to grow first is UPDATING until it has.</remarks>
internal static class UpdateStreamMode
{
    public static async ValueTask<OperationResult<UpdateStreamModeResponse>> RunAsync(OperationContext context, UpdateStreamModeRequest request)
    {
        if (context.Find(name: null, request.StreamARN, out var stream) is { } missing)
            return missing;
        var mode = request.StreamModeDetails!.StreamMode == StreamModes.OnDemand ? StreamMode.OnDemand : StreamMode.Provisioned;
        var warm = request.WarmThroughputMiBps ?? 0;
        var outcome = await context.Engine.Capacity.SetModeAsync(stream, mode, warm).ConfigureAwait(false);
        return CapacityRefusal.Of(context, stream, outcome, warm) is { } refused ? refused : new UpdateStreamModeResponse();
    }
}
