using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>RemoveTagsFromStream (spec section 7.8). Errors: ResourceNotFound, InvalidArgument, ResourceInUse. Unknown keys are ignored.</summary>
internal static class RemoveTagsFromStream
{
    public static async ValueTask<OperationResult<RemoveTagsFromStreamResponse>> RunAsync(OperationContext context, RemoveTagsFromStreamRequest request)
    {
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } missing)
            return missing;
        var error = await TagChange.RemoveAsync(context, stream, consumer: null, request.TagKeys!).ConfigureAwait(false);
        return error is null ? new RemoveTagsFromStreamResponse() : error;
    }
}
