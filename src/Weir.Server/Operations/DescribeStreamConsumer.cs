using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>DescribeStreamConsumer (spec section 7.6). Errors: ResourceNotFound, InvalidArgument. Works in any status.</summary>
internal static class DescribeStreamConsumer
{
    public static OperationResult<DescribeStreamConsumerResponse> Run(OperationContext context, DescribeStreamConsumerRequest request) =>
        context.FindConsumer(request.StreamARN, request.ConsumerName, request.ConsumerARN, out _, out var consumer) is { } missing
            ? missing
            : new DescribeStreamConsumerResponse { ConsumerDescription = ConsumerMessage.DescriptionOf(consumer) };
}
