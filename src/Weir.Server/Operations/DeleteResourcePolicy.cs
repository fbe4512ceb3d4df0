using Weir.Protocol;
using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>DeleteResourcePolicy (spec section 7.9). Errors: ResourceNotFound (also of the policy), InvalidArgument, ResourceInUse.</summary>
internal static class DeleteResourcePolicy
{
    public static async ValueTask<OperationResult<DeleteResourcePolicyResponse>> RunAsync(OperationContext context, DeleteResourcePolicyRequest request)
    {
        if (context.FindResource(request.ResourceARN!, out var stream, out var consumer) is { } missing)
            return missing;
        if ((consumer is null ? stream.Current.Policy : consumer.Policy) is null)
            return KinesisErrors.PolicyNotFound(request.ResourceARN!);
        return await PolicyChange.SetAsync(context, stream, consumer, policy: null).ConfigureAwait(false) is { } refused
            ? refused
            : new DeleteResourcePolicyResponse();
    }
}
