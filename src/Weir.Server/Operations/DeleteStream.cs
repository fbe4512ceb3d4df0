using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>DeleteStream (spec section 7.1). Errors: ResourceNotFound, InvalidArgument. A stream that is being deleted stays so.</summary>
internal static class DeleteStream
{
    public static async ValueTask<OperationResult<DeleteStreamResponse>> RunAsync(OperationContext context, DeleteStreamRequest request)
    {
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } error)
            return error;
        await context.Engine.DeleteAsync(stream).ConfigureAwait(false);
        return new DeleteStreamResponse();
    }
}
