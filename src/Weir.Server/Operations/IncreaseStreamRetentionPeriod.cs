using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>IncreaseStreamRetentionPeriod (spec section 7.11). Errors: ResourceNotFound, ResourceInUse, InvalidArgument.</summary>
internal static class IncreaseStreamRetentionPeriod
{
    public static async ValueTask<OperationResult<IncreaseStreamRetentionPeriodResponse>> RunAsync(
        OperationContext context, IncreaseStreamRetentionPeriodRequest request)
    {
        var error = await RetentionChange.RunAsync(
            context, request.StreamName, request.StreamARN, request.RetentionPeriodHours!.Value, increase: true).ConfigureAwait(false);
        return error is null ? new IncreaseStreamRetentionPeriodResponse() : error;
    }
}
