using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>ListTagsForResource (spec section 7.8): every tag at once. Errors: ResourceNotFound, InvalidArgument. Works in any status.</summary>
internal static class ListTagsForResource
{
    public static OperationResult<ListTagsForResourceResponse> Run(OperationContext context, ListTagsForResourceRequest request) =>
        context.FindResource(request.ResourceARN!, out var stream, out var consumer) is { } missing
            ? missing
            : new ListTagsForResourceResponse { Tags = [.. (consumer?.Tags ?? stream.Current.Tags).All.Select(TagMessage.Of)] };
}
