using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>DecreaseStreamRetentionPeriod (spec section 7.11). Errors: ResourceNotFound, ResourceInUse, InvalidArgument.</summary>
internal static class DecreaseStreamRetentionPeriod
{
    public static async ValueTask<OperationResult<DecreaseStreamRetentionPeriodResponse>> RunAsync(
        OperationContext context, DecreaseStreamRetentionPeriodRequest request)
    {
        var error = await RetentionChange.RunAsync(
            context, request.StreamName, request.StreamARN, request.RetentionPeriodHours!.Value, increase: false).ConfigureAwait(false);
        return error is null ? new DecreaseStreamRetentionPeriodResponse() : error;
    }
}
