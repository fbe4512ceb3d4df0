using System.Net;
using System.Text;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>Bodies that a parser may stumble over: towers of brackets, bytes that are no UTF-8. The random ones are <see cref="FuzzTests"/>.</summary>
public sealed class GarbageTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{\"a\":", 100_000)]
    [InlineData("{\"Records\":[", 20_000)]
    public async Task A_tower_of_brackets_is_refused(string floor, int height)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var tower = new StringBuilder().Insert(0, floor, height).ToString();
        (await http.CallAsync("PutRecords", tower)).AssertRefusedAs("SerializationException");
    }

    [Fact]
    public async Task A_tower_that_closes_is_answered_too()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        const int height = 50_000;
        var tower = "{\"StreamName\":\"garbage\",\"Unknown\":" + new string('[', height) + new string(']', height) + "}";
        var reply = await http.CallAsync("DescribeStream", tower);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { 0xC3, 0x28 })]
    [InlineData(new byte[] { 0xFE, 0xFF, 0x00, (byte)'{', 0x00, (byte)'}' })]
    public async Task Invalid_UTF_8_is_never_a_server_error(byte[] body)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.SendAsync(HttpMethod.Post, body, KinesisHttp.JsonType, "Kinesis_20131202.ListStreams");
        Assert.InRange((int)reply.Status, 200, 499);
    }

    [Fact]
    public async Task Invalid_UTF_8_in_a_name_is_refused()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        byte[] body = [.. "{\"StreamName\":\"a"u8, 0xFF, 0xFE, .. "\"}"u8];
        var reply = await http.SendAsync(HttpMethod.Post, body, KinesisHttp.JsonType, "Kinesis_20131202.DescribeStream");
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
    }
}
