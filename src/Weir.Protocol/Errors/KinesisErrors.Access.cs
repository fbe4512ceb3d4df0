using Weir.Model;

namespace Weir.Protocol;

// What policies refuse, and policies that are refused. Spec sections 2.10 and 7.9.
public static partial class KinesisErrors
{
    /// <summary>The caller may not do this. Spec section 2.10; the wording of IAM.</summary>
    /// <param name="principal">The caller's ARN.</param>
    /// <param name="action">For example <c>kinesis:PutRecord</c>.</param>
    /// <param name="resource">The ARN of what it would have been done to, or <c>*</c>.</param>
    /// <param name="reason">One of <see cref="NoIdentityPolicyAllows"/> and its neighbours.</param>
    public static KinesisError AccessDenied(string principal, string action, string resource, string reason) =>
        new(ErrorCodes.AccessDenied, Text($"User: {principal} is not authorized to perform: {action} on resource: {resource} {reason}"));

    /// <summary>The caller's policy does not allow it.</summary>
    public static string NoIdentityPolicyAllows(string action) => Text($"because no identity-based policy allows the {action} action");

    /// <summary>The resource belongs to another account, and its policy does not allow it.</summary>
    public static string NoResourcePolicyAllows(string action) => Text($"because no resource-based policy allows the {action} action");

    /// <summary>The caller's policy denies it.</summary>
    public static string DeniedByIdentityPolicy => "with an explicit deny in an identity-based policy";

    /// <summary>The resource's policy denies it.</summary>
    public static string DeniedByResourcePolicy => "with an explicit deny in a resource-based policy";

    /// <summary>A resource policy that cannot be one of its resource. Spec section 7.9; text ours.</summary>
    public static KinesisError PolicyInvalid { get; } = InvalidArgument($"The policy is invalid.");

    /// <summary>The consumer whose policy is to change comes or goes; the wording is as recorded. Spec section 7.6, check 1.</summary>
    public static KinesisError ConsumerNotActiveForPolicy(ConsumerArn consumer) => InUse(
        $"Consumer {consumer.Name} with creation timestamp {consumer.CreatedSeconds} under stream {consumer.Stream.Name} and account {consumer.Stream.Account} is not in ACTIVE status.");

    /// <summary>There is no policy to delete. Spec section 7.9; text ours.</summary>
    public static KinesisError PolicyNotFound(string resourceArn) => NotFound($"No resource policy found for resource ARN {resourceArn}");
}
