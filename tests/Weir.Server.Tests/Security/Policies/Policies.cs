using System.Net;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Weir.Protocol;
using Weir.Server.Security;
using Weir.Server.Security.Policies;

namespace Weir.Server.Tests.Security.Policies;

/// <summary>Policies and questions for tests, made by hand and by chance.</summary>
internal static class Policies
{
    public const string Account = "123456789012";
    public const string OtherAccount = "210987654321";

    private static readonly string[] Names = ["orders", "orders-eu", "clicks", "a"];
    private static readonly string[] Patterns = ["*", "arn:aws:kinesis:*:123456789012:stream/orders*", "arn:*:stream/clicks", "arn:aws:kinesis:us-east-1:*:stream/?", "arn:aws:kinesis:*:*:stream/*/consumer/*"];
    private static readonly string[] Actions = ["*", "kinesis:*", "kinesis:Get*", "kinesis:PutRecord", "KINESIS:putrecords", "kinesis:*Stream", "s3:GetObject"];
    private static readonly string[] Principals = ["*", Account, $"arn:aws:iam::{Account}:user/ann", $"arn:aws:iam::{Account}:root", $"arn:aws:iam::{OtherAccount}:user/ben"];

    /// <summary>Questions of two users in two accounts about a few streams.</summary>
    public static Gen<AccessQuestion> Question { get; } =
        from operation in Gen.Elements<KinesisOperation>([.. KinesisOperation.All])
        from name in Gen.Elements(Names)
        from account in Gen.Elements(Account, OtherAccount)
        from isConsumer in Gen.Elements(true, false, false)
        from user in Gen.Elements((Account, "ann"), (Account, "bob"), (OtherAccount, "ben"))
        let arn = $"arn:aws:kinesis:us-east-1:{account}:stream/{name}{(isConsumer ? "/consumer/c:1" : "")}"
        select new AccessQuestion(operation, arn, account, Facts(user.Item1, user.Item2));

    /// <summary>One statement of an access key's policy, or of a resource's.</summary>
    public static Gen<Dictionary<string, object>> Statement(PolicyKind kind, string? effect = null) =>
        from chosen in effect is null ? Gen.Elements("Allow", "Deny") : Gen.Constant(effect)
        from actionName in Gen.Elements("Action", "Action", "NotAction")
        from actions in Gen.Elements(Actions).NonEmptyListOf()
        from resourceName in Gen.Elements("Resource", "Resource", "NotResource")
        from resources in Gen.Elements(Patterns).NonEmptyListOf()
        from principals in Gen.Elements(Principals).NonEmptyListOf()
        from condition in Gen.Elements("none", "secure", "insecure", "address")
        select Made(kind, chosen, actionName, actions, resourceName, resources, principals, condition);

    /// <summary>Statements, and none too.</summary>
    public static Gen<List<Dictionary<string, object>>> Statements(PolicyKind kind) => Statement(kind).ListOf().Select(list => list.ToList());

    /// <summary>The policy of some statements; null for none.</summary>
    public static PolicyDocument? Read(PolicyKind kind, params IEnumerable<Dictionary<string, object>> statements)
    {
        var list = statements.ToList();
        if (list.Count == 0)
            return null;
        var json = JsonSerializer.Serialize(new { Version = "2012-10-17", Statement = list });
        var policy = PolicyReader.Read(json, kind, out var fault);
        return policy ?? throw new InvalidOperationException($"{fault}: {json}");
    }

    /// <summary>What becomes of a question, with the caller's policy in place of the one it came with.</summary>
    public static bool IsAllowed(AccessQuestion question, PolicyDocument? identity, PolicyDocument? resource)
    {
        var caller = question.Facts.Caller with { Policy = identity ?? new PolicyDocument([]) };
        return AccessDecision.Decide(question with { Facts = question.Facts with { Caller = caller } }, resource) is null;
    }

    public static AccessFacts Facts(string account = Account, string user = "ann", PolicyDocument? policy = null) => new()
    {
        Caller = new Caller(account, user, policy ?? new PolicyDocument([])),
        Region = "us-east-1",
        Now = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero),
        SourceAddress = IPAddress.Parse("10.1.2.3"),
        IsSecure = true,
        UserAgent = "test/1.0",
    };

    private static Dictionary<string, object> Made(
        PolicyKind kind, string effect, string actionName, IEnumerable<string> actions, string resourceName, IEnumerable<string> resources, IEnumerable<string> principals, string condition)
    {
        var statement = new Dictionary<string, object> { ["Effect"] = effect, [actionName] = actions, [resourceName] = resources };
        if (kind == PolicyKind.Resource)
            statement["Principal"] = new { AWS = principals };
        if (condition != "none")
        {
            statement["Condition"] = condition switch
            {
                "secure" => new Dictionary<string, object> { ["Bool"] = new Dictionary<string, object> { ["aws:SecureTransport"] = true } },
                "insecure" => new Dictionary<string, object> { ["Bool"] = new Dictionary<string, object> { ["aws:SecureTransport"] = "false" } },
                _ => new Dictionary<string, object> { ["IpAddress"] = new Dictionary<string, object> { ["aws:SourceIp"] = "10.0.0.0/8" } },
            };
        }

        return statement;
    }
}
