using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams;
using Weir.Streams.Consumers;

namespace Weir.Server.Operations;

/// <summary>RegisterStreamConsumer (spec section 7.6). Errors: ResourceNotFound, InvalidArgument, ResourceInUse, LimitExceeded.</summary>
internal static class RegisterStreamConsumer
{
    public static async ValueTask<OperationResult<RegisterStreamConsumerResponse>> RunAsync(OperationContext context, RegisterStreamConsumerRequest request)
    {
        if (context.Find(name: null, request.StreamARN, out var stream) is { } missing)
            return missing;
        if (request.Tags is not null && TagChange.CheckToAdd(stream.Name, request.Tags, StreamTags.None) is { } wrongTags)
            return wrongTags;
        var name = request.ConsumerName!;
        var tags = request.Tags is null ? StreamTags.None : StreamTags.None.With(request.Tags);
        var (outcome, consumer) = await context.Engine.Consumers.RegisterAsync(stream, name, tags).ConfigureAwait(false);
        return outcome switch
        {
            RegisterOutcome.Registered => new RegisterStreamConsumerResponse { Consumer = ConsumerMessage.Of(consumer!) },
            RegisterOutcome.AlreadyExists => KinesisErrors.ConsumerExists(name, stream.Name),
            RegisterOutcome.NotActive => OperationContext.NotActive(stream),
            RegisterOutcome.TooMany => KinesisErrors.TooManyConsumers(stream.Name, context.Engine.Consumers.LimitOf(stream)),
            RegisterOutcome.TooManyCreating => KinesisErrors.TooManyConsumersCreating(stream.Name.Account),
            _ => throw new System.Diagnostics.UnreachableException($"Outcome {outcome} of RegisterStreamConsumer."),
        };
    }
}
