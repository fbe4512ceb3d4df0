using System.Globalization;
using System.Text.RegularExpressions;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>The headers that every response carries, successes and refusals alike.</summary>
public sealed partial class ResponseHeaderTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    [Theory]
    [InlineData("1.1", "{}", true)]
    [InlineData("2.0", "{}", true)]
    [InlineData("1.1", """{"Limit":0}""", false)]
    [InlineData("2.0", """{"Limit":0}""", false)]
    public async Task Every_response_says_who_when_and_how_long(string version, string body, bool succeeds)
    {
        using var http = HttpVersions.Connect(fixture.Endpoint, version);
        var reply = await http.CallAsync("ListStreams", body);

        Assert.Equal(succeeds ? 200 : 400, (int)reply.Status);
        Assert.Matches(LowerCaseUuid(), reply.Header("x-amzn-RequestId"));
        Assert.InRange(Convert.FromBase64String(reply.Header("x-amz-id-2")!).Length, 64, 80);
        Assert.Equal(KinesisHttp.JsonType, reply.Header("Content-Type"));
        Assert.Equal(reply.Body.Length.ToString(CultureInfo.InvariantCulture), reply.Header("Content-Length"));
        Assert.True(DateTimeOffset.TryParseExact(reply.Header("Date"), "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out _));
    }

    [Fact]
    public async Task An_error_has_its_short_name_in_a_header_and_a_success_has_none()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        Assert.Equal("ValidationException", (await http.CallAsync("ListStreams", """{"Limit":0}""")).Header("x-amzn-ErrorType"));
        Assert.Equal("ResourceNotFoundException", (await http.CallAsync("DescribeStream", """{"StreamName":"nowhere"}""")).Header("x-amzn-ErrorType"));
        Assert.Null((await http.CallAsync("ListStreams", "{}")).Header("x-amzn-ErrorType"));
    }

    [Fact]
    public async Task No_two_responses_share_an_id()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var first = await http.CallAsync("ListStreams", "{}");
        var second = await http.CallAsync("ListStreams", "{}");
        Assert.NotEqual(first.Header("x-amzn-RequestId"), second.Header("x-amzn-RequestId"));
        Assert.NotEqual(first.Header("x-amz-id-2"), second.Header("x-amz-id-2"));
    }

    [Fact]
    public async Task An_operation_without_output_answers_with_an_empty_body()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.CallAsync("CreateStream", """{"StreamName":"no-output","ShardCount":1}""");
        reply.Succeeded();
        Assert.Empty(reply.Body);
        Assert.Equal("0", reply.Header("Content-Length"));
        Assert.Equal(KinesisHttp.JsonType, reply.Header("Content-Type"));
    }

    [Fact]
    public async Task The_answer_has_the_content_type_of_the_request()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.SendAsync(HttpMethod.Post, [0xA0], KinesisHttp.CborType, "Kinesis_20131202.ListStreams");
        reply.Succeeded();
        Assert.Equal(KinesisHttp.CborType, reply.Header("Content-Type"));
        Assert.Contains(reply.Body[0], new byte[] { 0xBF, 0xA2, 0xA3, 0xA4 });
    }

    [GeneratedRegex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
    private static partial Regex LowerCaseUuid();
}
