using System.Net;
using System.Text;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>
/// Thousands of bodies that no client would send, made from a seed: noise, legal requests with some bytes changed, cut or
/// doubled, and towers of brackets. Whatever comes in, the server answers below 500, in time, and goes on serving. A failure
/// prints the seed, the number of the body and the body itself.
/// </summary>
public sealed class GarbageTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const int Seed = 20131202;
    private const int Bodies = 3000;
    private const int InFlight = 8;

    private static readonly (string Operation, string Body)[] Legal =
    [
        ("PutRecord", """{"StreamName":"garbage","PartitionKey":"key","Data":"aGVsbG8=","ExplicitHashKey":"170141183460469231731687303715884105728"}"""),
        ("PutRecords", """{"StreamName":"garbage","Records":[{"PartitionKey":"a","Data":"AAEC"},{"PartitionKey":"\u00fc","Data":"","ExplicitHashKey":"0"}]}"""),
        ("GetShardIterator", """{"StreamName":"garbage","ShardId":"shardId-000000000000","ShardIteratorType":"AT_TIMESTAMP","Timestamp":1.44e9}"""),
        ("GetRecords", """{"ShardIterator":"AAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","Limit":10}"""),
        ("ListShards", """{"StreamName":"garbage","MaxResults":10,"ShardFilter":{"Type":"AT_TIMESTAMP","Timestamp":1600000000.25}}"""),
        ("ListStreams", """{"Limit":10,"ExclusiveStartStreamName":"a","NextToken":"b"}"""),
        ("DescribeStream", """{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/garbage","Limit":1}"""),
        ("AddTagsToStream", """{"StreamName":"garbage","Tags":{"a":"b","c":""}}"""),
        ("RegisterStreamConsumer", """{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/garbage","ConsumerName":"c"}"""),
        ("UpdateMaxRecordSize", """{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/none","MaxRecordSizeInKiB":2048}"""),
    ];

    [Theory]
    [InlineData("1.1", KinesisHttp.JsonType)]
    [InlineData("2.0", KinesisHttp.JsonType)]
    [InlineData("2.0", KinesisHttp.CborType)]
    public async Task No_body_brings_a_server_error_or_silence(string version, string contentType)
    {
        using var http = HttpVersions.Connect(fixture.Endpoint, version);
        await http.CallAsync("CreateStream", """{"StreamName":"garbage","ShardCount":2}""");
        await http.UntilActiveAsync("garbage");

        await Parallel.ForAsync(0, Bodies, new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (number, _) =>
        {
            var (operation, body) = Make(new Random(HashCode(number)), contentType == KinesisHttp.CborType);
            KinesisReply reply;
            try
            {
                reply = await http.SendAsync(HttpMethod.Post, body, contentType, KinesisHttp.TargetPrefix + operation);
            }
            catch (Exception reason) when (reason is HttpRequestException or TaskCanceledException)
            {
                throw new InvalidOperationException(Describe(number, operation, body, reason.Message), reason);
            }

            Assert.True((int)reply.Status < 500, Describe(number, operation, body, reply.ToString()));
        });

        (await http.CallAsync("ListStreams", "{}")).Succeeded();
    }

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

    /// <summary>The same number gives the same body in every run.</summary>
    private static int HashCode(int number) => unchecked((Seed * 31) + number);

    private static (string Operation, byte[] Body) Make(Random random, bool cbor)
    {
        var (operation, text) = Legal[random.Next(Legal.Length)];
        var body = cbor ? CborText.FromJson(text) : Encoding.UTF8.GetBytes(text);
        // Brackets and the like; in CBOR the heads of containers, of strings too long, of tags and floats, and the break.
        var structure = cbor ? [0xBF, 0x9F, 0xA1, 0x81, 0x5F, 0x7F, 0xBB, 0x5B, 0xC1, 0xFB, 0xF6, 0xFF] : "{}[]\",:0-eE\\"u8.ToArray();
        switch (random.Next(6))
        {
            case 0:
                body = new byte[random.Next(1, 2000)];
                random.NextBytes(body);
                return (operation, body);
            case 1:
                return (operation, body[..random.Next(1, body.Length)]);
            case 2:
                var from = random.Next(body.Length);
                return (operation, [.. body[..random.Next(body.Length)], .. body[from..]]);
            case 3:
                return (Legal[random.Next(Legal.Length)].Operation, body);
            default:
                for (var changes = random.Next(1, 8); changes > 0; changes--)
                    body[random.Next(body.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : structure[random.Next(structure.Length)];
                return (operation, body);
        }
    }

    private static string Describe(int number, string operation, byte[] body, string what) =>
        $"Body {number} of seed {Seed} to {operation}: {what}\nbody in base64: {Convert.ToBase64String(body)}";
}
