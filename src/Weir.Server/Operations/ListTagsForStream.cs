using Weir.Model;
using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>ListTagsForStream (spec section 7.8). Errors: ResourceNotFound, InvalidArgument. Works in any status.</summary>
internal static class ListTagsForStream
{
    public static OperationResult<ListTagsForStreamResponse> Run(OperationContext context, ListTagsForStreamRequest request)
    {
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } missing)
            return missing;
        var page = stream.Current.Tags.Page(request.ExclusiveStartTagKey, request.Limit ?? KinesisLimits.MaxListTagsPage, out var more);
        return new ListTagsForStreamResponse { Tags = [.. page.Select(TagMessage.Of)], HasMoreTags = more };
    }
}
