using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>GetResourcePolicy (spec section 7.9): the text as it was put. Errors: ResourceNotFound, InvalidArgument. Works in any status.</summary>
internal static class GetResourcePolicy
{
    // What production answers for a resource without a policy.
    private const string NoPolicy = "{}";

    public static OperationResult<GetResourcePolicyResponse> Run(OperationContext context, GetResourcePolicyRequest request)
    {
        if (context.FindResource(request.ResourceARN!, out var stream, out var consumer) is { } missing)
            return missing;
        return new GetResourcePolicyResponse { Policy = (consumer is null ? stream.Current.Policy : consumer.Policy) ?? NoPolicy };
    }
}
