using Weir.Protocol;
using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>DeleteStream (spec section 7.1). Errors: ResourceNotFound, InvalidArgument, ResourceInUse (consumers). A stream that is being deleted stays so.</summary>
internal static class DeleteStream
{
    public static async ValueTask<OperationResult<DeleteStreamResponse>> RunAsync(OperationContext context, DeleteStreamRequest request)
    {
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } error)
            return error;
        return await context.Engine.Lifecycle.DeleteAsync(stream, evenWithConsumers: request.EnforceConsumerDeletion == true).ConfigureAwait(false)
            ? new DeleteStreamResponse()
            : KinesisErrors.StreamHasConsumers(stream.Name);
    }
}
