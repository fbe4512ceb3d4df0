using System.Text;
using Weir.Server.Security.Signatures;

namespace Weir.Server.Tests.Security.Signatures;

/// <summary>What a server with credentials says to signatures: the texts and the order of spec sections 4.1 and 4.2.</summary>
public sealed class SignatureTests
{
    private const string Incomplete = "IncompleteSignatureException";
    private const string Invalid = "InvalidSignatureException";
    private const string Unrecognized = "UnrecognizedClientException";

    private const string Mismatch =
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

    private const string InvalidToken = "The security token included in the request is invalid.";

    [Fact]
    public async Task A_signed_request_is_carried_out_in_the_header_form_and_in_the_query_form()
    {
        await using var server = await SecureServer.StartAsync();

        (await server.SendAsync(Request().Sign(server.Owner, server.Now))).Succeeded();
        (await server.SendAsync(Request().Presign(server.Owner, server.Now))).Succeeded();
        (await server.SendAsync(Request().Presign(server.Owner, server.Now, seconds: null))).Succeeded();
    }

    [Fact]
    public async Task The_time_may_be_in_the_Date_header()
    {
        await using var server = await SecureServer.StartAsync();
        var request = Request();
        request.Headers["date"] = server.Now.ToString("r");
        request.Authorization = request.SignAsItIs(server.Owner, server.Now);

        (await server.SendAsync(request)).Succeeded();
    }

    [Fact]
    public async Task A_request_without_a_signature_is_refused_and_one_with_two()
    {
        await using var server = await SecureServer.StartAsync();

        (await server.SendAsync(Request())).AssertRefused("MissingAuthenticationTokenException", "Missing Authentication Token");
        (await server.SendAsync(Request().Presign(server.Owner, server.Now).Sign(server.Owner, server.Now))).AssertRefused(
            Invalid, "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
    }

    [Theory]
    [InlineData("AWS4-HMAC-SHA256", "CSH")]
    [InlineData("X", "CSH")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a", "SH")]
    [InlineData("AWS4-HMAC-SHA256 Credential=,Signature=b", "CH")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a Signature=b", "H")]
    [InlineData("AWS4-HMAC-SHA256 SignedHeaders=host,,  Credential=a", "S")]
    public async Task The_missing_parts_of_the_header_are_listed(string authorization, string missing)
    {
        await using var server = await SecureServer.StartAsync();
        var request = Request();
        request.Authorization = authorization;
        var text = string.Concat(missing.Select(letter => $"Authorization header requires '{letter switch { 'C' => "Credential", 'S' => "Signature", _ => "SignedHeaders" }}' parameter. "));
        const string noDate = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";

        (await server.SendAsync(request)).AssertRefused(Incomplete, $"{text}{noDate}Authorization={authorization}");
        request.Headers["x-amz-date"] = "20260101T000000Z";
        (await server.SendAsync(request)).AssertRefused(Incomplete, $"{text}Authorization={authorization}");
    }

    [Fact]
    public async Task The_missing_parts_of_the_query_are_listed()
    {
        await using var server = await SecureServer.StartAsync();
        var request = Request();
        request.Query["X-Amz-Algorithm"] = "";
        (await server.SendAsync(request)).AssertRefused(
            Incomplete,
            string.Concat(new[] { "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date" }.Select(name => $"AWS query-string parameters must include '{name}'. "))
            + "Re-examine the query-string parameters.");

        request = Request().Presign(server.Owner, server.Now);
        request.Query.Remove("X-Amz-Date");
        (await server.SendAsync(request)).AssertRefused(
            Incomplete, "AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.");
    }

    [Fact]
    public async Task Algorithm_credential_and_time_have_their_forms()
    {
        await using var server = await SecureServer.StartAsync();

        (await SpoiledAsync(server, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1")).AssertRefused(Incomplete, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'");
        (await SpoiledAsync(server, "/aws4_request", "")).AssertRefused(
            Incomplete,
            $"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{server.Owner.Id}/20260101/us-east-1/kinesis'");
        var request = Request().Sign(server.Owner, server.Now);
        request.Headers["x-amz-date"] = "2026-01-01";
        (await server.SendAsync(request)).AssertRefused(
            Incomplete, "Date must be in ISO-8601 'basic format'. Got '2026-01-01'. See http://en.wikipedia.org/wiki/ISO_8601");
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_a_scope_is_told_in_one_text()
    {
        await using var server = await SecureServer.StartAsync();
        const string noRegion = "Credential should be scoped to a valid region, not ''. ";
        const string otherService = "Credential should be scoped to correct service: 'kinesis'. ";
        const string otherTerminator = "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. ";
        const string otherDay =
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260102' != '20260101', from '20260101T000000Z'.";

        (await SpoiledAsync(server, "/us-east-1/", "//")).AssertRefused(Invalid, noRegion);
        (await SpoiledAsync(server, "/kinesis/", "/dynamodb/")).AssertRefused(Invalid, otherService);
        (await SpoiledAsync(server, "/aws4_request", "/aws5")).AssertRefused(Invalid, otherTerminator);
        (await SpoiledAsync(server, "/20260101/", "/20260102/")).AssertRefused(Invalid, otherDay);
        (await SpoiledAsync(server, "/20260101/us-east-1/kinesis/aws4_request", "/20260102//s3/aws5"))
            .AssertRefused(Invalid, noRegion + otherService + otherTerminator + otherDay);
    }

    [Fact]
    public async Task Clocks_may_differ_by_five_minutes_and_not_by_a_second_more()
    {
        await using var server = await SecureServer.StartAsync();
        server.Time.Advance(TimeSpan.FromHours(12) + TimeSpan.FromMilliseconds(999));

        (await server.SendAsync(Request().Sign(server.Owner, server.Now.AddSeconds(-300)))).Succeeded();
        (await server.SendAsync(Request().Sign(server.Owner, server.Now.AddSeconds(300)))).Succeeded();
        (await server.SendAsync(Request().Sign(server.Owner, server.Now.AddSeconds(-301)))).AssertRefused(
            Invalid, "Signature expired: 20260101T115459Z is now earlier than 20260101T115500Z (20260101T120000Z - 5 min.)");
        (await server.SendAsync(Request().Sign(server.Owner, server.Now.AddSeconds(301)))).AssertRefused(
            Invalid, "Signature not yet current: 20260101T120501Z is still later than 20260101T120500Z (20260101T120000Z + 5 min.)");
    }

    [Fact]
    public async Task A_presigned_request_lives_as_long_as_it_says()
    {
        await using var server = await SecureServer.StartAsync();
        var request = Request().Presign(server.Owner, server.Now, seconds: 90);
        server.Time.Advance(TimeSpan.FromSeconds(90));
        (await server.SendAsync(request)).Succeeded();
        server.Time.Advance(TimeSpan.FromSeconds(1));
        (await server.SendAsync(request)).AssertRefused(
            Invalid, "Signature expired: 20260101T000000Z is now earlier than 20260101T000001Z (20260101T000131Z - 1.5 min.)");

        (await server.SendAsync(Request().Presign(server.Owner, server.Now.AddDays(-7), seconds: 604_800))).Succeeded();
        foreach (var seconds in new[] { 0, 604_801, -1 })
        {
            (await server.SendAsync(Request().Presign(server.Owner, server.Now, seconds))).AssertRefused(
                Invalid, $"X-Amz-Expires must be a whole number of seconds from 1 to 604800, not '{seconds}'.");
        }
    }

    [Fact]
    public async Task A_changed_parameter_spoils_a_presigned_request()
    {
        await using var server = await SecureServer.StartAsync();
        foreach (var change in new Action<SignedRequest>[]
        {
            request => request.Query["X-Amz-Expires"] = "61",
            request => request.Query["other"] = "",
            request => request.Query.Remove("X-Amz-Expires"),
            request => request.Headers["x-amz-target"] = "Kinesis_20131202.DescribeLimits",
            request => request.Body = [.. request.Body, (byte)' '],
            request => request.Path = "/other",
        })
        {
            var request = Request().Presign(server.Owner, server.Now);
            change(request);
            (await server.SendAsync(request)).AssertRefused(Invalid, Mismatch);
        }
    }

    [Fact]
    public async Task Keys_and_secrets_that_are_wrong_are_told_apart()
    {
        await using var server = await SecureServer.StartAsync();

        (await server.SendAsync(Request().Sign(new AwsKey("AKIAUNKNOWN", "secret"), server.Now))).AssertRefused(Unrecognized, InvalidToken);
        (await server.SendAsync(Request().Sign(server.Owner with { Secret = "other" }, server.Now))).AssertRefused(Invalid, Mismatch);
        (await server.SendAsync(Request().Sign(server.Owner with { Token = "token" }, server.Now))).AssertRefused(Unrecognized, InvalidToken);
        var request = Request().Sign(server.Owner, server.Now);
        request.Authorization = request.Authorization[..^1];
        (await server.SendAsync(request)).AssertRefused(Invalid, Mismatch);
    }

    [Fact]
    public async Task Temporary_credentials_want_their_token_and_have_an_end()
    {
        await using var server = await SecureServer.StartAsync();
        var key = await server.AddAsync(lifetime: TimeSpan.FromHours(1));
        var end = server.Now + TimeSpan.FromHours(1);

        (await server.SendAsync(Request().Sign(key, server.Now))).Succeeded();
        (await server.SendAsync(Request().Presign(key, server.Now))).Succeeded();
        (await server.SendAsync(Request().Sign(key with { Token = null }, server.Now))).AssertRefused(Unrecognized, InvalidToken);
        (await server.SendAsync(Request().Sign(key with { Token = "other" }, server.Now))).AssertRefused(Unrecognized, InvalidToken);
        server.Time.Advance(end - server.Now);
        (await server.SendAsync(Request().Sign(key, server.Now))).AssertRefused(
            "ExpiredTokenException", "The security token included in the request is expired");
    }

    [Fact]
    public async Task A_changed_body_or_header_spoils_the_signature()
    {
        await using var server = await SecureServer.StartAsync();
        foreach (var change in new Action<SignedRequest>[]
        {
            request => request.Body = Encoding.UTF8.GetBytes("""{"StreamName":"b"}"""),
            request => request.Headers["x-amz-target"] = "Kinesis_20131202.DeleteStream",
            request => request.Headers["content-type"] = "application/x-amz-json-1.1; charset=utf-8",
            request => request.Path = "/x",
            request => request.Query["a"] = "b",
        })
        {
            var request = SignedRequest.Of("DescribeStreamSummary", """{"StreamName":"a"}""").Sign(server.Owner, server.Now);
            change(request);
            (await server.SendAsync(request)).AssertRefused(Invalid, Mismatch);
        }
    }

    [Fact]
    public async Task What_decides_the_meaning_of_a_request_has_to_be_signed()
    {
        await using var server = await SecureServer.StartAsync();
        foreach (var (name, text) in new[] { ("x-amz-target", "'X-Amz-Target'"), ("host", "'Host' or ':authority'"), ("x-amz-date", "'X-Amz-Date'") })
        {
            var request = Request();
            request.Headers["x-amz-date"] = SignedRequest.Basic(server.Now);
            var left = request.Headers[name];
            request.Headers.Remove(name);
            request.Authorization = request.SignAsItIs(server.Owner, server.Now);
            request.Headers[name] = left;
            (await server.SendAsync(request)).AssertRefused(Invalid, $"{text} must be a 'SignedHeader' in the AWS Authorization.");
        }
    }

    [Fact]
    public async Task The_host_may_be_signed_by_its_name_in_HTTP_2()
    {
        await using var server = await SecureServer.StartAsync();
        foreach (var (authority, isRight) in new[] { ("weir.test", true), ("other.test", false) })
        {
            var request = Request();
            request.Headers.Remove("host");
            request.Headers[":authority"] = authority;
            request.Sign(server.Owner, server.Now);
            request.Headers.Remove(":authority");
            request.Headers["host"] = "weir.test";
            var reply = await server.SendAsync(request);
            if (isRight)
                reply.Succeeded();
            else
                reply.AssertRefused(Invalid, Mismatch);
        }
    }

    [Fact]
    public async Task The_hash_that_a_client_gives_has_to_be_the_bodys()
    {
        await using var server = await SecureServer.StartAsync();
        var request = Request();
        request.Headers["x-amz-content-sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(request.Body));
        (await server.SendAsync(request.Sign(server.Owner, server.Now))).Succeeded();
        foreach (var hash in new[] { "UNSIGNED-PAYLOAD", Convert.ToHexStringLower(new byte[32]), "" })
        {
            request = Request();
            request.Headers["x-amz-content-sha256"] = hash;
            (await server.SendAsync(request.Sign(server.Owner, server.Now))).AssertRefused(Invalid, Mismatch);
        }
    }

    [Fact]
    public async Task A_body_that_cannot_be_parsed_and_an_unknown_operation_are_told_before_the_signature()
    {
        await using var server = await SecureServer.StartAsync();
        foreach (var request in new[] { SignedRequest.Of("ListStreams", "{"), SignedRequest.Of("ListStreams", "{").Sign(server.Owner, server.Now) })
            Assert.Equal("""{"__type":"SerializationException"}""", (await server.SendAsync(request)).Text);
        Assert.Equal("""{"__type":"UnknownOperationException"}""", (await server.SendAsync(SignedRequest.Of("Unheard", "{}"))).Text);
        // Types and constraints come after the signature.
        (await server.SendAsync(SignedRequest.Of("ListStreams", """{"Limit":"x"}"""))).AssertRefused("MissingAuthenticationTokenException", "Missing Authentication Token");
    }

    [Fact]
    public async Task The_scope_decides_the_region()
    {
        await using var server = await SecureServer.StartAsync();
        (await server.CallAsync(server.Owner, "CreateStream", new { StreamName = "here", ShardCount = 1 }, region: "eu-west-1")).Succeeded();

        Assert.Contains("arn:aws:kinesis:eu-west-1:", (await server.CallAsync(server.Owner, "ListStreams", "{}", region: "eu-west-1")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("here", (await server.CallAsync(server.Owner, "ListStreams", "{}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_newest_signing_keys_are_kept()
    {
        var cache = new SigningKeyCache();
        for (var i = 0; i <= SigningKeyCache.MaxKeys; i++)
            cache.Keep($"key-{i}", new SigningKey("r", []));

        Assert.Equal(1, cache.Count);
        Assert.NotNull(cache.Find($"key-{SigningKeyCache.MaxKeys}"));
        Assert.Null(cache.Find("key-0"));
    }

    private static SignedRequest Request() => SignedRequest.Of("ListStreams", "{}");

    private static Task<KinesisReply> SpoiledAsync(SecureServer server, string part, string instead)
    {
        var request = Request().Sign(server.Owner, server.Now);
        Assert.Contains(part, request.Authorization, StringComparison.Ordinal);
        request.Authorization = request.Authorization.Replace(part, instead, StringComparison.Ordinal);
        return server.SendAsync(request);
    }
}
