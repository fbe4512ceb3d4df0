using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class DescribeStreamTests
{
    [Fact]
    public async Task A_description_has_exactly_these_members()
    {
        await using var server = await StartAsync();
        server.Time.Advance(TimeSpan.FromMilliseconds(123));
        await server.CreateStreamAsync("orders");
        var description = await server.DescribeAsync("orders");
        var start = description.GetProperty("Shards")[0].GetProperty("SequenceNumberRange").GetProperty("StartingSequenceNumber").GetString()!;
        Assert.Matches("^49[0-9]{54}$", start);
        var expected = $$"""
            {
              "StreamName": "orders", "StreamARN": "{{Arn("orders")}}", "StreamStatus": "ACTIVE",
              "StreamModeDetails": { "StreamMode": "PROVISIONED" },
              "Shards": [{
                "ShardId": "shardId-000000000000",
                "HashKeyRange": { "StartingHashKey": "0", "EndingHashKey": "{{MaxHashKey}}" },
                "SequenceNumberRange": { "StartingSequenceNumber": "{{start}}" } }],
              "HasMoreShards": false, "RetentionPeriodHours": 24, "StreamCreationTimestamp": 1767225600.123,
              "EnhancedMonitoring": [{ "ShardLevelMetrics": [] }], "EncryptionType": "NONE"
            }
            """;
        Assert.True(JsonElement.DeepEquals(JsonSerializer.Deserialize<JsonElement>(expected), description), description.ToString());
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public async Task A_page_without_a_limit_holds_100_shards(int shards, bool more)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("wide", shards);
        var description = await server.DescribeAsync("wide");
        Assert.Equal(100, description.GetProperty("Shards").GetArrayLength());
        Assert.Equal(more, description.GetProperty("HasMoreShards").GetBoolean());
    }

    [Theory]
    [InlineData("shardId-000000000001", "23")]
    [InlineData("x-1", "23")]
    [InlineData("0", "123")]
    [InlineData("shardId-000000000003", "")]
    [InlineData("shardId-000000000099", "")]
    public async Task A_page_starts_after_the_shard_given_which_need_not_exist(string start, string expected)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 4);
        Assert.Equal(expected, string.Concat(Numbers(await DescribeAsync(server, new { StreamName = "orders", ExclusiveStartShardId = start }))));
    }

    [Fact]
    public async Task Pages_continue_where_the_last_one_ended()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 3);
        var first = await DescribeAsync(server, new { StreamName = "orders", Limit = 2 });
        Assert.Equal([0, 1], Numbers(first));
        Assert.True(first.GetProperty("HasMoreShards").GetBoolean());
        var second = await DescribeAsync(server, new { StreamName = "orders", Limit = 2, ExclusiveStartShardId = ShardId(1) });
        Assert.Equal([2], Numbers(second));
        Assert.False(second.GetProperty("HasMoreShards").GetBoolean());
    }

    [Fact]
    public async Task Closed_shards_are_shown_until_their_retention_has_passed()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        server.Time.Advance(TimeSpan.FromSeconds(30));
        (await server.SplitAsync("orders", 0)).Succeeded();
        server.Time.Advance(TimeSpan.FromHours(24));
        var description = await server.DescribeAsync("orders");
        Assert.Equal([0, 1, 2], Numbers(description));
        var shards = description.GetProperty("Shards");
        Assert.True(shards[0].GetProperty("SequenceNumberRange").TryGetProperty("EndingSequenceNumber", out _));
        Assert.False(shards[1].GetProperty("SequenceNumberRange").TryGetProperty("EndingSequenceNumber", out _));

        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        description = await server.DescribeAsync("orders");
        Assert.Equal([1, 2], Numbers(description));
        // The children go on naming a parent that has expired.
        Assert.Equal(ShardId(0), description.GetProperty("Shards")[0].GetProperty("ParentShardId").GetString());
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_services_order()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("DescribeStream", new { StreamName = "a b", ExclusiveStartShardId = "a b", Limit = 10_001 })).AssertInvalid(
            "Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
            "Value 'a b' at 'exclusiveStartShardId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
            "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
        (await server.CallAsync("DescribeStream", new { StreamName = "missing", Limit = 0 }))
            .AssertInvalid("Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1");
    }

    private static async Task<JsonElement> DescribeAsync(TestServer server, object input) =>
        (await server.CallAsync("DescribeStream", input)).Succeeded().GetProperty("StreamDescription");

    private static int[] Numbers(JsonElement description) =>
        [.. description.GetProperty("Shards").EnumerateArray().Select(shard => int.Parse(shard.GetProperty("ShardId").GetString()!["shardId-".Length..], System.Globalization.CultureInfo.InvariantCulture))];
}
