using Weir.Protocol.Messages;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>UpdateMaxRecordSize (spec section 7.1). Errors: ResourceNotFound, ResourceInUse, InvalidArgument. The model checks the range.</summary>
/// <remarks>Addressed by ARN only: the request has no stream name. Records that are there stay readable whatever their size.</remarks>
internal static class UpdateMaxRecordSize
{
    public static async ValueTask<OperationResult<UpdateMaxRecordSizeResponse>> RunAsync(OperationContext context, UpdateMaxRecordSizeRequest request)
    {
        if (context.Find(name: null, request.StreamARN, out var stream) is { } missing)
            return missing;
        return await context.Engine.Settings.SetMaxRecordAsync(stream, request.MaxRecordSizeInKiB!.Value).ConfigureAwait(false) == SettingOutcome.Changed
            ? new UpdateMaxRecordSizeResponse()
            : OperationContext.NotActive(stream);
    }
}
