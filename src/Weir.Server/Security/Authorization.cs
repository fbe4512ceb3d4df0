using Weir.Model;
using Weir.Protocol;
using Weir.Server.Operations;
using Weir.Server.Security.Policies;

namespace Weir.Server.Security;

/// <summary>Asks the policies whether a request may be carried out: step 12 of spec section 2.5, by the rules of section 4.4.</summary>
/// <remarks>
/// What a request addresses need not exist: who may not touch an ARN does not learn whether there is something behind it. A request that
/// names nothing is asked about as one for everything, whatever its operation: so it takes a policy that allows everything.
/// </remarks>
internal static class Authorization
{
    /// <summary>Checks a request.</summary>
    /// <returns>Null, or the refusal.</returns>
    public static KinesisError? Check(KinesisOperation operation, OperationContext context, RequestTarget target)
    {
        if (context.Access is not { } access)
            return null;
        if (target.Stream is not { } stream)
            return AccessDecision.Decide(new AccessQuestion(operation, AccessQuestion.Everything, context.Account, access), resourcePolicy: null);
        // A consumer that is not there yet cannot be what its registration is done to.
        var consumer = operation == KinesisOperation.RegisterStreamConsumer ? null : target.Consumer;
        return Ask(operation, context, access, stream, consumer) ?? AskAboutTags(operation, context, access, stream, target);
    }

    // Creating something with tags takes the permission to tag as well.
    private static KinesisError? AskAboutTags(
        KinesisOperation operation, OperationContext context, AccessFacts access, StreamName stream, RequestTarget target)
    {
        if (!target.SetsTags)
            return null;
        if (operation == KinesisOperation.CreateStream)
            return Ask(KinesisOperation.AddTagsToStream, context, access, stream, consumer: null);
        return operation == KinesisOperation.RegisterStreamConsumer ? Ask(KinesisOperation.TagResource, context, access, stream, target.Consumer) : null;
    }

    private static KinesisError? Ask(
        KinesisOperation operation, OperationContext context, AccessFacts access, StreamName stream, ConsumerArn? consumer)
    {
        var arn = consumer is { } named ? named.ToString() : stream.Arn;
        var snapshot = context.Engine.Streams.Find(stream)?.Current;
        var policy = consumer is { } found ? snapshot?.Consumers.Find(found)?.Policy : snapshot?.Policy;
        return AccessDecision.Decide(
            new AccessQuestion(operation, arn, stream.Account, access), policy is null ? null : ResourcePolicies.Of(policy));
    }
}
