using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>AddTagsToStream (spec section 7.8). Errors: ResourceNotFound, InvalidArgument, ResourceInUse.</summary>
internal static class AddTagsToStream
{
    public static async ValueTask<OperationResult<AddTagsToStreamResponse>> RunAsync(OperationContext context, AddTagsToStreamRequest request)
    {
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } missing)
            return missing;
        var error = await TagChange.AddAsync(context, stream, consumer: null, request.Tags!).ConfigureAwait(false);
        return error is null ? new AddTagsToStreamResponse() : error;
    }
}
