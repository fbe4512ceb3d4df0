using FsCheck;
using FsCheck.Fluent;
using Weir.Protocol;
using Weir.Server.Security.Policies;
using static Weir.Server.Tests.Security.Policies.Policies;

namespace Weir.Server.Tests.Security.Policies;

/// <summary>Spec section 7.9, Evaluation; and what has to hold for any policies whatsoever.</summary>
public sealed class AccessDecisionTests
{
    private const string Stream = $"arn:aws:kinesis:us-east-1:{Account}:stream/orders";

    private static readonly Dictionary<string, object> AllowAll = new() { ["Effect"] = "Allow", ["Action"] = "*", ["Resource"] = "*" };

    private static readonly Dictionary<string, object> AllowEverybody = new(AllowAll) { ["Principal"] = "*" };

    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(2000);

    [Theory]
    [InlineData(Account, "", "", "because no identity-based policy allows the kinesis:PutRecord action")]
    [InlineData(Account, "Allow", "", null)]
    [InlineData(Account, "", "Allow", null)]
    [InlineData(Account, "Allow", "Deny", "with an explicit deny in a resource-based policy")]
    [InlineData(Account, "Deny", "Allow", "with an explicit deny in an identity-based policy")]
    [InlineData(OtherAccount, "", "", "because no identity-based policy allows the kinesis:PutRecord action")]
    [InlineData(OtherAccount, "Allow", "", "because no resource-based policy allows the kinesis:PutRecord action")]
    [InlineData(OtherAccount, "", "Allow", "because no identity-based policy allows the kinesis:PutRecord action")]
    [InlineData(OtherAccount, "Allow", "Allow", null)]
    [InlineData(OtherAccount, "Allow", "Deny", "with an explicit deny in a resource-based policy")]
    public void One_policy_allows_within_an_account_and_both_between_accounts(string caller, string identity, string resource, string? refusal)
    {
        var own = identity.Length == 0 ? null : Read(PolicyKind.Identity, [new Dictionary<string, object>(AllowAll) { ["Effect"] = identity }]);
        var other = resource.Length == 0 ? null : Read(PolicyKind.Resource, [new Dictionary<string, object>(AllowAll) { ["Effect"] = resource, ["Principal"] = "*" }]);

        var error = AccessDecision.Decide(new AccessQuestion(KinesisOperation.PutRecord, Stream, Account, Facts(caller, "ann", own)), other);

        Assert.Equal(refusal is null ? null : "AccessDeniedException", error?.Code);
        Assert.Equal(
            refusal is null ? null : $"User: arn:aws:iam::{caller}:user/ann is not authorized to perform: kinesis:PutRecord on resource: {Stream} {refusal}", error?.Message);
    }

    [Fact]
    public void A_denial_always_wins() => Check(
        from question in Question
        from own in Statements(PolicyKind.Identity)
        from other in Statements(PolicyKind.Resource)
        select (question, own, other),
        given => !IsAllowed(given.question, Read(PolicyKind.Identity, [.. given.own, Deny(AllowAll)]), Read(PolicyKind.Resource, given.other))
            && !IsAllowed(given.question, Read(PolicyKind.Identity, given.own), Read(PolicyKind.Resource, [.. given.other, Deny(AllowEverybody)])));

    [Fact]
    public void One_more_allow_never_takes_anything_away() => Check(
        from question in Question
        from own in Statements(PolicyKind.Identity)
        from other in Statements(PolicyKind.Resource)
        from more in Statement(PolicyKind.Identity, "Allow")
        from moreOfResource in Statement(PolicyKind.Resource, "Allow")
        select (question, own, other, more, moreOfResource),
        given => !IsAllowed(given.question, Read(PolicyKind.Identity, given.own), Read(PolicyKind.Resource, given.other))
            || (IsAllowed(given.question, Read(PolicyKind.Identity, [.. given.own, given.more]), Read(PolicyKind.Resource, given.other))
                && IsAllowed(given.question, Read(PolicyKind.Identity, given.own), Read(PolicyKind.Resource, [.. given.other, given.moreOfResource]))));

    [Fact]
    public void One_more_denial_never_gives_anything() => Check(
        from question in Question
        from own in Statements(PolicyKind.Identity)
        from more in Statement(PolicyKind.Identity, "Deny")
        select (question, own, more),
        given => IsAllowed(given.question, Read(PolicyKind.Identity, given.own), resource: null)
            || !IsAllowed(given.question, Read(PolicyKind.Identity, [.. given.own, given.more]), resource: null));

    [Fact]
    public void The_order_of_statements_means_nothing() => Check(
        from question in Question
        from own in Statements(PolicyKind.Identity)
        select (question, own),
        given => IsAllowed(given.question, Read(PolicyKind.Identity, given.own), resource: null)
            == IsAllowed(given.question, Read(PolicyKind.Identity, given.own.AsEnumerable().Reverse()), resource: null));

    [Fact]
    public void What_no_statement_allows_is_refused() => Check(
        from question in Question
        from more in Statement(PolicyKind.Identity, "Deny")
        select (question, more),
        given => !IsAllowed(given.question, Read(PolicyKind.Identity, [given.more]), resource: null));

    [Fact]
    public void The_questions_by_chance_are_answered_in_both_ways()
    {
        var answers = Gen.Sample(
            (from question in Question
             from own in Statements(PolicyKind.Identity)
             select IsAllowed(question, Read(PolicyKind.Identity, own), resource: null)).Resize(10),
            500);

        Assert.Contains(true, answers);
        Assert.Contains(false, answers);
    }

    private static Dictionary<string, object> Deny(Dictionary<string, object> statement) => new(statement) { ["Effect"] = "Deny" };

    private static void Check<T>(Gen<T> inputs, Func<T, bool> holds) => Prop.ForAll(inputs.ToArbitrary(), holds).Check(Thorough);
}
