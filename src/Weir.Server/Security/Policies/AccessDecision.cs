using Weir.Protocol;

namespace Weir.Server.Security.Policies;

/// <summary>Weighs the policy of a caller and that of a resource (spec section 7.9). A pure function.</summary>
internal static class AccessDecision
{
    /// <summary>
    /// Within an account one policy has to allow, between accounts both: the caller's account lets its own go there, the resource's account
    /// lets strangers in. A denial anywhere wins.
    /// </summary>
    /// <param name="question">What is to be done to what.</param>
    /// <param name="resourcePolicy">The resource's policy, or null when it has none.</param>
    /// <returns>Null when it is allowed, or the exact refusal.</returns>
    public static KinesisError? Decide(in AccessQuestion question, PolicyDocument? resourcePolicy)
    {
        var caller = question.Facts.Caller;
        var identity = caller.Policy.Answer(question);
        if (identity == PolicyVerdict.Deny)
            return Refusal(question, KinesisErrors.DeniedByIdentityPolicy);
        var resource = resourcePolicy?.Answer(question) ?? PolicyVerdict.None;
        if (resource == PolicyVerdict.Deny)
            return Refusal(question, KinesisErrors.DeniedByResourcePolicy);
        var isOwn = question.ResourceAccount == caller.Account;
        if (identity != PolicyVerdict.Allow && !(isOwn && resource == PolicyVerdict.Allow))
            return Refusal(question, KinesisErrors.NoIdentityPolicyAllows(question.Action));
        return isOwn || resource == PolicyVerdict.Allow ? null : Refusal(question, KinesisErrors.NoResourcePolicyAllows(question.Action));
    }

    private static KinesisError Refusal(in AccessQuestion question, string reason) =>
        KinesisErrors.AccessDenied(question.Facts.Caller.Arn, question.Action, question.Resource, reason);
}
