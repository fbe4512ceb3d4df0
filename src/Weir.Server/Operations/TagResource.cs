using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>TagResource (spec section 7.8): AddTagsToStream by ARN. Errors: ResourceNotFound, InvalidArgument, ResourceInUse.</summary>
internal static class TagResource
{
    public static async ValueTask<OperationResult<TagResourceResponse>> RunAsync(OperationContext context, TagResourceRequest request)
    {
        if (context.FindResource(request.ResourceARN!, out var stream, out var consumer) is { } missing)
            return missing;
        var error = await TagChange.AddAsync(context, stream, consumer, request.Tags!).ConfigureAwait(false);
        return error is null ? new TagResourceResponse() : error;
    }
}
