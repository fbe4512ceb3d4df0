using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>DeregisterStreamConsumer (spec section 7.6). Errors: ResourceNotFound, InvalidArgument. A consumer that is on its way out stays so.</summary>
internal static class DeregisterStreamConsumer
{
    public static async ValueTask<OperationResult<DeregisterStreamConsumerResponse>> RunAsync(OperationContext context, DeregisterStreamConsumerRequest request)
    {
        if (context.FindConsumer(request.StreamARN, request.ConsumerName, request.ConsumerARN, out var stream, out var consumer) is { } missing)
            return missing;
        await context.Engine.Consumers.DeregisterAsync(stream, consumer).ConfigureAwait(false);
        return new DeregisterStreamConsumerResponse();
    }
}
