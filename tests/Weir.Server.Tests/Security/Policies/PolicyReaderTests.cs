using Weir.Protocol;
using Weir.Server.Security.Policies;
using static Weir.Server.Tests.Security.Policies.Policies;

namespace Weir.Server.Tests.Security.Policies;

/// <summary>What a policy may say; and that what is not understood is refused, with the reason.</summary>
public sealed class PolicyReaderTests
{
    private const string Stream = $"arn:aws:kinesis:us-east-1:{Account}:stream/orders";

    [Theory]
    [InlineData("", "it is no JSON")]
    [InlineData("[]", "a policy must be an object")]
    [InlineData("""{"Statement":[]}""", "its Version must be 2012-10-17 or 2008-10-17")]
    [InlineData("""{"Version":"2012-10-17"}""", "it has no Statement")]
    [InlineData("""{"Version":"2012-10-17","Statement":[]}""", "its Statement must be an object, or an array of some")]
    [InlineData("""{"Version":"2012-10-17","Version":"2012-10-17","Statement":{}}""", "it is no JSON")]
    [InlineData("""{"Version":"2012-10-17","Statements":{}}""", "a policy has no 'Statements' here; there are Version, Id, Statement")]
    public void A_document_has_its_form(string json, string fault) => AssertFault(json, fault);

    [Theory]
    [InlineData("""{"Action":"*","Resource":"*"}""", "the Effect of a statement must be Allow or Deny")]
    [InlineData("""{"Effect":"allow","Action":"*","Resource":"*"}""", "the Effect of a statement must be Allow or Deny")]
    [InlineData("""{"Effect":"Allow","Resource":"*"}""", "a statement has either Action or NotAction")]
    [InlineData("""{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}""", "a statement has either Action or NotAction")]
    [InlineData("""{"Effect":"Allow","Action":"*"}""", "a statement has either Resource or NotResource")]
    [InlineData("""{"Effect":"Allow","Action":[],"Resource":"*"}""", "Action is empty")]
    [InlineData("""{"Effect":"Allow","Action":{},"Resource":"*"}""", "Action must be a text, or an array of texts")]
    [InlineData("""{"Effect":"Allow","Action":"PutRecord","Resource":"*"}""", "'PutRecord' is no action; actions are written service:Operation, such as kinesis:PutRecord")]
    [InlineData("""{"Effect":"Allow","NotAction":"kinesis:DeleteStraem","Resource":"*"}""", "'kinesis:DeleteStraem' names no action of Kinesis")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"orders"}""", "'orders' is no resource; resources are ARNs, or *")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"arn:aws:kinesis:*:*:stream/${aws:username}"}""", "policy variables such as arn:aws:kinesis:*:*:stream/${aws:username} are not supported")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}""", "the policy of an access key names no Principal")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","NotPrincipal":"*"}""", "a statement has no 'NotPrincipal' here")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":[]}""", "a Condition must be an object")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":"true"}}""", "the condition Bool must be an object")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}""", "the condition key 'aws:MultiFactorAuthPresent' is not supported; there are aws:CurrentTime")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericEquals":{"aws:EpochTime":"1"}}}""", "the condition operator 'NumericEquals' is not supported for aws:EpochTime")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NotBool":{"aws:SecureTransport":"true"}}}""", "the condition operator 'NotBool' is not supported for aws:SecureTransport")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:username":"x"}}}""", "the condition operator 'ForAnyValue:StringEquals' is not supported for aws:username")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceIp":"10.0.0.1"}}}""", "the condition operator 'StringEquals' is not supported for aws:SourceIp")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}}}""", "'10.0.0.0/33' is no value for IpAddress of aws:SourceIp")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}}}""", "'soon' is no value for DateLessThan of aws:CurrentTime")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"yes"}}}""", "'yes' is no value for Bool of aws:SecureTransport")]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"aws:UserAgent":"maybe"}}}""", "Null takes one value, true or false")]
    public void A_statement_says_nothing_that_is_not_understood(string statement, string fault) =>
        AssertFault($$$"""{"Version":"2012-10-17","Statement":{{{statement}}}}""", fault);

    [Theory]
    [InlineData("*", KinesisOperationNames.All)]
    [InlineData("kinesis:*", KinesisOperationNames.All)]
    [InlineData("kinesis:PutRecord", "PutRecord")]
    [InlineData("Kinesis:putRECORD?", "PutRecords")]
    [InlineData("kinesis:GetR*", "GetRecords,GetResourcePolicy")]
    [InlineData("s3:GetObject", "")]
    public void Actions_are_patterns_whose_case_does_not_matter(string pattern, string operations)
    {
        var policy = Read(PolicyKind.Identity, [new Dictionary<string, object> { ["Effect"] = "Allow", ["Action"] = pattern, ["Resource"] = "*" }])!;
        var expected = operations == KinesisOperationNames.All ? KinesisOperation.All.Select(operation => operation.Name) : operations.Split(',', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(expected.Order(), policy.Statements[0].Actions.Operations.Select(operation => operation.Name).Order());
    }

    [Theory]
    [InlineData("""{"StringEquals":{"aws:username":["bob","ann"]}}""", true)]
    [InlineData("""{"StringEquals":{"aws:username":"Ann"}}""", false)]
    [InlineData("""{"StringEqualsIgnoreCase":{"AWS:Username":"Ann"}}""", true)]
    [InlineData("""{"StringNotEquals":{"aws:username":["bob","ann"]}}""", false)]
    [InlineData("""{"StringNotEquals":{"aws:username":["bob","eve"]}}""", true)]
    [InlineData("""{"StringLike":{"aws:UserAgent":"test/*"}}""", true)]
    [InlineData("""{"StringNotLike":{"aws:UserAgent":"test/*"}}""", false)]
    [InlineData("""{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:user/a*"}}""", true)]
    [InlineData("""{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:user/ann"}}""", false)]
    [InlineData("""{"StringEquals":{"aws:PrincipalAccount":"123456789012","aws:RequestedRegion":"us-east-1","aws:ResourceAccount":"123456789012"}}""", true)]
    [InlineData("""{"StringEquals":{"aws:PrincipalAccount":"123456789012","aws:RequestedRegion":"eu-west-1"}}""", false)]
    [InlineData("""{"StringEquals":{"aws:username":"ann"},"Bool":{"aws:SecureTransport":false}}""", false)]
    [InlineData("""{"Bool":{"aws:SecureTransport":"TRUE"}}""", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":["192.168.0.0/16","10.0.0.0/8"]}}""", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"10.1.2.4"}}""", false)]
    [InlineData("""{"NotIpAddress":{"aws:SourceIp":"10.1.2.3"}}""", false)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"fd00::/8"}}""", false)]
    [InlineData("""{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T11:59:59Z"}}""", true)]
    [InlineData("""{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T12:00:00Z"}}""", false)]
    [InlineData("""{"DateGreaterThanEquals":{"aws:CurrentTime":"2026-01-01T12:00:00Z"}}""", true)]
    [InlineData("""{"DateLessThan":{"aws:EpochTime":1767268801}}""", true)]
    [InlineData("""{"DateLessThanEquals":{"aws:EpochTime":"1767268799"}}""", false)]
    [InlineData("""{"DateEquals":{"aws:CurrentTime":"2026-01-01T13:00:00+01:00"}}""", true)]
    [InlineData("""{"DateNotEquals":{"aws:CurrentTime":"2026-01-01"}}""", true)]
    [InlineData("""{"Null":{"aws:UserAgent":"false"}}""", true)]
    [InlineData("""{"Null":{"aws:UserAgent":true}}""", false)]
    public void Conditions_hold_or_do_not(string condition, bool holds) => Assert.Equal(holds, Holds(condition, Facts()));

    [Theory]
    [InlineData("""{"StringEquals":{"aws:UserAgent":"test/1.0"}}""", false)]
    [InlineData("""{"StringEqualsIfExists":{"aws:UserAgent":"test/1.0"}}""", true)]
    [InlineData("""{"StringNotEquals":{"aws:UserAgent":"test/1.0"}}""", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}""", false)]
    [InlineData("""{"NotIpAddress":{"aws:SourceIp":"0.0.0.0/0"}}""", true)]
    [InlineData("""{"Null":{"aws:SourceIp":"true"}}""", true)]
    public void A_key_that_the_request_lacks_fails_every_operator_but_negated_and_optional_ones(string condition, bool holds) =>
        Assert.Equal(holds, Holds(condition, Facts() with { UserAgent = null, SourceAddress = null }));

    [Theory]
    [InlineData("\"*\"", true)]
    [InlineData("""{"AWS":"*"}""", true)]
    [InlineData("""{"AWS":"123456789012"}""", true)]
    [InlineData("""{"AWS":["210987654321","arn:aws:iam::123456789012:root"]}""", true)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:user/ann"}""", true)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:user/bob"}""", false)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:role/ann"}""", false)]
    [InlineData("""{"AWS":"210987654321"}""", false)]
    public void Principals_are_everybody_accounts_and_users(string principal, bool applies)
    {
        var policy = PolicyReader.Read(
            $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{{{principal}}},"Action":"kinesis:PutRecord","Resource":"{{{Stream}}}"}}""", PolicyKind.Resource, out var fault);

        Assert.Null(fault);
        Assert.Equal(applies, policy!.Answer(new AccessQuestion(KinesisOperation.PutRecord, Stream, Account, Facts())) == PolicyVerdict.Allow);
    }

    [Theory]
    [InlineData("", "a statement has no Principal")]
    [InlineData("""  "Principal":{"Service":"lambda.amazonaws.com"},""", "a Principal has no 'Service' here; there are AWS")]
    [InlineData("""  "Principal":"ann",""", "'ann' is no principal")]
    [InlineData("""  "Principal":{"AWS":"arn:aws:iam::12:user/ann"},""", "'arn:aws:iam::12:user/ann' is no principal")]
    [InlineData("""  "Principal":{"AWS":"arn:aws:iam::123456789012:user/*"},""", "'arn:aws:iam::123456789012:user/*' is no principal")]
    [InlineData("""  "Principal":{},""", "AWS is missing")]
    [InlineData("""  "Principal":{"AWS":[]},""", "AWS is empty")]
    public void The_policy_of_a_resource_names_principals(string principal, string fault) => AssertFault(
        $$$"""{"Version":"2012-10-17","Statement":{ {{{principal}}} "Effect":"Allow","Action":"*","Resource":"*"}}""", fault, PolicyKind.Resource);

    private static bool Holds(string condition, AccessFacts facts)
    {
        var policy = PolicyReader.Read(
            $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}""", PolicyKind.Identity, out var fault);
        Assert.Null(fault);
        return policy!.Answer(new AccessQuestion(KinesisOperation.PutRecord, Stream, Account, facts)) == PolicyVerdict.Allow;
    }

    private static void AssertFault(string json, string expected, PolicyKind kind = PolicyKind.Identity)
    {
        Assert.Null(PolicyReader.Read(json, kind, out var fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    private static class KinesisOperationNames
    {
        public const string All = "all";
    }
}
