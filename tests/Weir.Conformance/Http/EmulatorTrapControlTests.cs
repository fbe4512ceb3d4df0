using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>What emulators of the service are known to get wrong about resharding, lists, consumers and settings, each as a fact about this one.</summary>
public sealed class EmulatorTrapControlTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const string ArnPrefix = "arn:aws:kinesis:us-east-1:000000000000:stream/";
    private const string Middle = "170141183460469231731687303715884105728";

    [Trap(11)]
    [Fact]
    public async Task A_consumers_ARN_ends_with_the_second_of_its_creation_and_is_matched_with_it()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("consumed");
        var consumer = (await http.CallAsync("RegisterStreamConsumer", new { StreamARN = ArnPrefix + "consumed", ConsumerName = "reader" })).Succeeded().Json.GetProperty("Consumer");
        var arn = consumer.GetProperty("ConsumerARN").GetString()!;
        var second = (long)consumer.GetProperty("ConsumerCreationTimestamp").GetDouble();
        Assert.Equal($"{ArnPrefix}consumed/consumer/reader:{second}", arn);
        (await http.CallAsync("DescribeStreamConsumer", new { ConsumerARN = arn })).Succeeded();
        (await http.CallAsync("DescribeStreamConsumer", new { ConsumerARN = $"{ArnPrefix}consumed/consumer/reader:{second - 1}" })).AssertRefused(
            "ResourceNotFoundException", "Consumer reader, account 000000000000 not found.");
    }

    [Trap(14)]
    [Fact]
    public async Task Closed_shards_stay_listed_and_every_filter_of_a_moment_covers_all_hash_keys()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("listed");
        var created = ((JsonElement)await http.UntilActiveAsync("listed")).GetProperty("StreamCreationTimestamp").GetDouble();
        (await http.CallAsync("SplitShard", new { StreamName = "listed", ShardToSplit = "0", NewStartingHashKey = Middle })).Succeeded();
        await http.UntilActiveAsync("listed");
        (await http.CallAsync("MergeShards", new { StreamName = "listed", ShardToMerge = "1", AdjacentShardToMerge = "2" })).Succeeded();
        await http.UntilActiveAsync("listed");

        Assert.Equal(4, (await ShardsAsync(http, "FROM_TRIM_HORIZON")).Count);
        Assert.Single(await ShardsAsync(http, "AT_LATEST"));
        AssertCover(await ShardsAsync(http, "AT_TRIM_HORIZON"));
        // Also in the very second in which the children's numbers begin, one after the parent's end.
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        for (var moment = created; moment < now; moment += 0.01)
            AssertCover(await ShardsAsync(http, "AT_TIMESTAMP", moment));
    }

    [Trap(16)]
    [Fact]
    public async Task The_lower_shard_of_a_merge_is_named_first()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("order", shards: 2);
        (await http.CallAsync("MergeShards", """{"StreamName":"order","ShardToMerge":"1","AdjacentShardToMerge":"0"}""")).AssertRefused(
            "InvalidArgumentException",
            "Shards shardId-000000000001 and shardId-000000000000 in stream order under account 000000000000 are not an adjacent pair of shards eligible for merging");
        (await http.CallAsync("MergeShards", """{"StreamName":"order","ShardToMerge":"0","AdjacentShardToMerge":"1"}""")).Succeeded();
    }

    [Trap(18)]
    [Fact]
    public async Task A_stream_with_consumers_is_deleted_only_when_that_is_enforced()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("kept");
        (await http.CallAsync("RegisterStreamConsumer", new { StreamARN = ArnPrefix + "kept", ConsumerName = "reader" })).Succeeded();
        (await http.CallAsync("DeleteStream", """{"StreamName":"kept"}""")).AssertRefusedAs("ResourceInUseException");
        (await http.CallAsync("DeleteStream", """{"StreamName":"kept","EnforceConsumerDeletion":true}""")).Succeeded();
    }

    [Trap(18)]
    [Fact]
    public async Task A_stream_without_a_policy_has_the_empty_one()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("without-policy");
        var policy = await http.CallAsync("GetResourcePolicy", new { ResourceARN = ArnPrefix + "without-policy" });
        Assert.Equal("{}", policy.Succeeded().Json.GetProperty("Policy").GetString());
    }

    [Trap(20)]
    [Fact]
    public async Task A_retention_of_8760_hours_is_the_longest_and_an_equal_one_is_taken_by_both_operations()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("retention");
        (await http.CallAsync("IncreaseStreamRetentionPeriod", """{"StreamName":"retention","RetentionPeriodHours":8761}""")).AssertRefused(
            "InvalidArgumentException", "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.");
        foreach (var (operation, hours) in new[] { ("DecreaseStreamRetentionPeriod", 24), ("IncreaseStreamRetentionPeriod", 8760), ("IncreaseStreamRetentionPeriod", 8760) })
        {
            (await http.CallAsync(operation, new { StreamName = "retention", RetentionPeriodHours = hours })).Succeeded();
            var summary = (JsonElement)await http.UntilActiveAsync("retention");
            Assert.Equal(hours, summary.GetProperty("RetentionPeriodHours").GetInt32());
        }
    }

    private static async Task<List<JsonElement>> ShardsAsync(KinesisHttp http, string type, double? moment = null)
    {
        object filter = moment is null ? new { Type = type } : new { Type = type, Timestamp = moment };
        return [.. (await http.CallAsync("ListShards", new { StreamName = "listed", ShardFilter = filter })).Succeeded().Json.GetProperty("Shards").EnumerateArray()];
    }

    private static void AssertCover(List<JsonElement> shards)
    {
        var next = BigInteger.Zero;
        foreach (var (start, end) in shards.Select(Range).Order())
        {
            Assert.Equal(next, start);
            next = end + 1;
        }

        Assert.Equal(BigInteger.One << 128, next);
    }

    private static (BigInteger Start, BigInteger End) Range(JsonElement shard)
    {
        var range = shard.GetProperty("HashKeyRange");
        BigInteger Key(string name) => BigInteger.Parse(range.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
        return (Key("StartingHashKey"), Key("EndingHashKey"));
    }
}
