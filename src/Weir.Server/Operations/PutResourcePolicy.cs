using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Server.Security.Policies;

namespace Weir.Server.Operations;

/// <summary>PutResourcePolicy (spec section 7.9). Errors: ResourceNotFound, InvalidArgument (policy), ResourceInUse.</summary>
/// <remarks>A server without credentials keeps policies as well, and asks none of them.</remarks>
internal static class PutResourcePolicy
{
    public static async ValueTask<OperationResult<PutResourcePolicyResponse>> RunAsync(OperationContext context, PutResourcePolicyRequest request)
    {
        if (context.FindResource(request.ResourceARN!, out var stream, out var consumer) is { } missing)
            return missing;
        if (!ResourcePolicies.CanBe(request.Policy!, consumer?.Arn.ToString() ?? stream.Name.Arn, isConsumer: consumer is not null))
            return KinesisErrors.PolicyInvalid;
        return await PolicyChange.SetAsync(context, stream, consumer, request.Policy!).ConfigureAwait(false) is { } refused
            ? refused
            : new PutResourcePolicyResponse();
    }
}
