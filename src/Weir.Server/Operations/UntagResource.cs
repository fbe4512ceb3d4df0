using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>UntagResource (spec section 7.8): RemoveTagsFromStream by ARN. Errors: ResourceNotFound, InvalidArgument, ResourceInUse.</summary>
internal static class UntagResource
{
    public static async ValueTask<OperationResult<UntagResourceResponse>> RunAsync(OperationContext context, UntagResourceRequest request)
    {
        if (context.FindResource(request.ResourceARN!, out var stream, out var consumer) is { } missing)
            return missing;
        var error = await TagChange.RemoveAsync(context, stream, consumer, request.TagKeys!).ConfigureAwait(false);
        return error is null ? new UntagResourceResponse() : error;
    }
}
