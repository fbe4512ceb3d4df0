using System.Formats.Cbor;
using System.Net;
using System.Text;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>
/// The order in which the service looks at a request decides which of several things wrong with it is answered. Each fact
/// sends a request with one or two things wrong, over both HTTP versions, and expects the answer of the earlier step.
/// </summary>
public sealed class ExaminationOrderTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const string KnownTarget = "Kinesis_20131202.ListStreams";
    private const string UnknownTarget = "Kinesis_20131202.NoSuchOperation";

    private const string CannotIdentify =
        "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n";

    [Theory, MemberData(nameof(HttpVersions.Both), MemberType = typeof(HttpVersions))]
    public async Task A_preflight_is_answered_without_looking_further(string version)
    {
        using var http = HttpVersions.Connect(fixture.Endpoint, version);
        var reply = await http.SendAsync(
            HttpMethod.Options, null, null, null, "/", ("Origin", "https://example.com"),
            ("Access-Control-Request-Headers", "x-amz-target,content-type"), ("Access-Control-Request-Method", "POST"));

        reply.Succeeded();
        Assert.Empty(reply.Body);
        Assert.Equal("0", reply.Header("Content-Length"));
        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
        Assert.Equal("x-amz-target,content-type", reply.Header("Access-Control-Allow-Headers"));
        Assert.Equal("POST", reply.Header("Access-Control-Allow-Methods"));
        Assert.Equal("172800", reply.Header("Access-Control-Max-Age"));
        Assert.NotNull(reply.Header("x-amzn-RequestId"));
        Assert.Null(reply.Header("x-amz-id-2"));
        Assert.Null(reply.Header("Content-Type"));
    }

    [Theory, MemberData(nameof(HttpVersions.Both), MemberType = typeof(HttpVersions))]
    public async Task A_browser_may_read_the_answer_and_its_headers(string version)
    {
        using var http = HttpVersions.Connect(fixture.Endpoint, version);
        var reply = await http.SendAsync(
            HttpMethod.Post, "{}"u8.ToArray(), KinesisHttp.JsonType, KnownTarget, "/", ("Origin", "https://example.com"));

        reply.Succeeded();
        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
        Assert.Equal(
            "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date",
            reply.Header("Access-Control-Expose-Headers"));
    }

    [Theory]
    [InlineData("1.1", "GET")]
    [InlineData("1.1", "PUT")]
    [InlineData("1.1", "DELETE")]
    [InlineData("1.1", "OPTIONS")]
    [InlineData("2.0", "GET")]
    [InlineData("2.0", "OPTIONS")]
    public async Task Anything_but_a_POST_names_no_operation(string version, string method)
    {
        using var http = HttpVersions.Connect(fixture.Endpoint, version);
        AssertCannotIdentify(await http.SendAsync(new HttpMethod(method), null, null, KnownTarget));
    }

    [Theory]
    [InlineData(KinesisHttp.JsonType, KnownTarget, "SerializationException")]
    [InlineData(KinesisHttp.JsonType, UnknownTarget, "UnknownOperationException")]
    [InlineData(KinesisHttp.JsonType, null, "UnknownOperationException")]
    public async Task An_empty_JSON_body_is_refused_in_JSON(string contentType, string? target, string error)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.SendAsync(HttpMethod.Post, [], contentType, target);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal($$"""{"__type":"{{error}}"}""", reply.Text);
    }

    [Theory]
    [InlineData(KinesisHttp.CborType, KnownTarget, "SerializationException")]
    [InlineData(KinesisHttp.CborType, UnknownTarget, "UnknownOperationException")]
    [InlineData("text/plain", KnownTarget, "SerializationException")]
    [InlineData(null, UnknownTarget, "UnknownOperationException")]
    public async Task An_empty_body_of_any_other_type_is_refused_in_CBOR(string? contentType, string? target, string error)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.SendAsync(HttpMethod.Post, [], contentType, target);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal(KinesisHttp.CborType, reply.Header("Content-Type"));
        Assert.Equal(error, ReadOnlyMember(reply.Body));
    }

    [Theory, MemberData(nameof(HttpVersions.Both), MemberType = typeof(HttpVersions))]
    public async Task A_foreign_content_type_with_a_target_is_an_unknown_operation(string version)
    {
        using var http = HttpVersions.Connect(fixture.Endpoint, version);
        var reply = await http.SendAsync(HttpMethod.Post, "{}"u8.ToArray(), "text/plain", KnownTarget);
        Assert.Equal(HttpStatusCode.NotFound, reply.Status);
        Assert.Equal("<UnknownOperationException/>\n", reply.Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Kinesis_20131202")]
    public async Task A_foreign_content_type_without_an_operation_names_none(string? target)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        AssertCannotIdentify(await http.SendAsync(HttpMethod.Post, "{}"u8.ToArray(), "text/plain", target));
    }

    [Theory]
    [InlineData("application/x-amz-json-1.1; charset=utf-8")]
    [InlineData("application/x-amz-json-1.1;charset=utf-8")]
    public async Task Parameters_of_the_content_type_do_not_matter(string contentType)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.SendAsync(HttpMethod.Post, "{}"u8.ToArray(), contentType, KnownTarget)).Succeeded();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/any/path?x=1")]
    public async Task The_path_does_not_matter(string path)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.SendAsync(HttpMethod.Post, "{}"u8.ToArray(), KinesisHttp.JsonType, KnownTarget, path)).Succeeded();
    }

    [Theory]
    [InlineData("{", KnownTarget)]
    [InlineData("hello", KnownTarget)]
    [InlineData("[]", KnownTarget)]
    [InlineData("\"text\"", KnownTarget)]
    [InlineData("1", KnownTarget)]
    [InlineData("{}{}", KnownTarget)]
    [InlineData("{", UnknownTarget)]
    public async Task What_is_not_one_JSON_object_is_refused_before_the_target_is_looked_up(string body, string target)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.SendAsync(HttpMethod.Post, Encoding.UTF8.GetBytes(body), KinesisHttp.JsonType, target);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal("""{"__type":"SerializationException"}""", reply.Text);
    }

    [Fact]
    public async Task Unparsable_CBOR_is_refused_in_CBOR()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.SendAsync(HttpMethod.Post, [0xBF, 0x61], KinesisHttp.CborType, KnownTarget);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal("SerializationException", ReadOnlyMember(reply.Body));
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest, "SerializationException")]
    [InlineData("{}", HttpStatusCode.NotFound, "UnknownOperationException")]
    public async Task Plain_JSON_never_reaches_an_operation(string body, HttpStatusCode status, string error)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.SendAsync(HttpMethod.Post, Encoding.UTF8.GetBytes(body), "application/json", KnownTarget);
        Assert.Equal(status, reply.Status);
        Assert.Equal($$"""{"Output":{"__type":"com.amazon.coral.service#{{error}}"},"Version":"1.0"}""", reply.Text);
    }

    [Theory]
    [InlineData(UnknownTarget)]
    [InlineData("Kinesis_20131202.liststreams")]
    [InlineData("kinesis_20131202.ListStreams")]
    [InlineData("DynamoDB_20120810.ListTables")]
    [InlineData("Kinesis_20131202.")]
    [InlineData("Kinesis_20131202")]
    [InlineData("ListStreams")]
    [InlineData(null)]
    public async Task A_target_that_is_no_operation_is_unknown(string? target)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.SendAsync(HttpMethod.Post, "{}"u8.ToArray(), KinesisHttp.JsonType, target);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Equal("""{"__type":"UnknownOperationException"}""", reply.Text);
    }

    [Fact]
    public async Task Types_are_checked_before_constraints()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.CallAsync("CreateStream", """{"StreamName":"","ShardCount":"x"}""");
        reply.AssertRefused("SerializationException", "class java.lang.String can not be converted to an Integer", "Message");
    }

    [Fact]
    public async Task Constraints_are_checked_before_the_stream_is_looked_up()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.CallAsync("DescribeStream", """{"StreamName":"no-such-stream","Limit":0}""");
        reply.AssertRefused(
            "ValidationException",
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1");
    }

    private static void AssertCannotIdentify(KinesisReply reply)
    {
        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Equal(CannotIdentify, reply.Text);
        Assert.Null(reply.Header("Content-Type"));
        Assert.NotNull(reply.Header("x-amzn-RequestId"));
        Assert.NotNull(reply.Header("x-amz-id-2"));
    }

    /// <summary>The value of <c>__type</c> in a CBOR map that holds nothing else.</summary>
    private static string ReadOnlyMember(byte[] cbor)
    {
        var reader = new CborReader(cbor);
        reader.ReadStartMap();
        Assert.Equal("__type", reader.ReadTextString());
        var type = reader.ReadTextString();
        reader.ReadEndMap();
        Assert.Equal(0, reader.BytesRemaining);
        return type;
    }
}
