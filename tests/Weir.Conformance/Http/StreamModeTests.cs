using System.Text.Json;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>Modes, warm throughput and record distribution in CBOR, as the Java clients speak it, and a put that needs no key in both encodings.</summary>
public sealed class StreamModeTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const string Arn = "arn:aws:kinesis:us-east-1:000000000000:stream/";

    [Fact]
    public async Task A_small_stream_that_becomes_on_demand_has_four_shards_and_is_left_to_its_traffic()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("becomes", shards: 1);
        await CborAsync(http, "UpdateStreamMode", $$$"""{"StreamARN":"{{{Arn}}}becomes","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}""");
        var summary = (JsonElement)await http.UntilActiveAsync("becomes");
        Assert.Equal(4, summary.GetProperty("OpenShardCount").GetInt32());
        Assert.Equal("ON_DEMAND", summary.GetProperty("StreamModeDetails").GetProperty("StreamMode").GetString());
        (await http.CallAsync("UpdateShardCount", """{"StreamName":"becomes","TargetShardCount":8,"ScalingType":"UNIFORM_SCALING"}""")).AssertRefused(
            "ValidationException", "Request is invalid. Stream becomes under account 000000000000 is in On-Demand mode.");
    }

    [Fact]
    public async Task A_commitment_allows_warm_throughput_and_has_its_times_as_the_encoding_wants_them()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var commitment = Map((await CborAsync(http, "UpdateAccountSettings", """{"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}}"""))["MinimumThroughputBillingCommitment"]);
        Assert.Equal("ENABLED", commitment["Status"]);
        var started = Assert.IsType<CborTests.Tagged>(commitment["StartedAt"]);
        Assert.InRange(Assert.IsType<long>(started.Value), before - 1000, before + 60_000);
        await CborAsync(http, "CreateStream", """{"StreamName":"warm","WarmThroughputMiBps":5}""");
        await http.UntilActiveAsync("warm");
        var summary = Map((await CborAsync(http, "DescribeStreamSummary", """{"StreamName":"warm"}"""))["StreamDescriptionSummary"]);
        Assert.Equal(5L, summary["OpenShardCount"]);
        var warm = Map(summary["WarmThroughput"]);
        Assert.Equal((5L, 5L), (warm["TargetMiBps"], warm["CurrentMiBps"]));
        warm = Map((await CborAsync(http, "UpdateStreamWarmThroughput", """{"StreamName":"warm","WarmThroughputMiBps":0}"""))["WarmThroughput"]);
        Assert.Equal(0L, warm["TargetMiBps"]);
        commitment = Map((await CborAsync(http, "UpdateAccountSettings", """{"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}}"""))["MinimumThroughputBillingCommitment"]);
        Assert.Equal("ENABLED_UNTIL_EARLIEST_ALLOWED_END", commitment["Status"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_record_without_a_key_goes_in_and_comes_out_without_one(bool cbor)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var stream = cbor ? "spread-cbor" : "spread-json";
        (await http.CallAsync("CreateStream", $$"""{"StreamName":"{{stream}}"}""")).Succeeded();
        await http.UntilActiveAsync(stream);
        (await http.CallAsync("UpdateStreamRecordDistributionStrategy", $$"""{"StreamARN":"{{Arn}}{{stream}}","RecordDistributionStrategy":"AUTO"}""")).Succeeded();
        var put = $$"""{"StreamName":"{{stream}}","Records":[{"Data":"AQI="},{"Data":"AQI=","PartitionKey":"given"},{"Data":"AQI="},{"Data":"AQI="}]}""";
        if (cbor)
            Assert.Equal(0L, (await CborAsync(http, "PutRecords", put))["FailedRecordCount"]);
        else
            (await http.CallAsync("PutRecords", put)).Succeeded();

        var keys = new List<object?>();
        for (var shard = 0; shard < 4; shard++)
        {
            var read = JsonSerializer.Serialize(new { ShardIterator = await http.IteratorAsync(stream, $"{shard}") });
            if (cbor)
            {
                var record = Map(Assert.Single(Assert.IsType<List<object?>>((await CborAsync(http, "GetRecords", read))["Records"])));
                Assert.Equal(new byte[] { 1, 2 }, record["Data"]);
                keys.Add(record.GetValueOrDefault("PartitionKey", "none"));
            }
            else
            {
                var record = Assert.Single((await http.CallAsync("GetRecords", read)).Succeeded().Json.GetProperty("Records").EnumerateArray());
                keys.Add(record.TryGetProperty("PartitionKey", out var key) ? key.GetString() : "none");
            }
        }

        Assert.Equal(["given", "none", "none", "none"], keys.Order());
    }

    private static async Task<Dictionary<string, object?>> CborAsync(KinesisHttp http, string operation, string json)
    {
        var reply = (await http.SendAsync(HttpMethod.Post, CborText.FromJson(json), KinesisHttp.CborType, KinesisHttp.TargetPrefix + operation)).Succeeded();
        return reply.Body.Length == 0 ? [] : CborTests.Decode(reply.Body);
    }

    private static Dictionary<string, object?> Map(object? value) => Assert.IsType<Dictionary<string, object?>>(value);
}
