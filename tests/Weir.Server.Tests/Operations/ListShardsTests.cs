using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class ListShardsTests
{
    [Fact]
    public async Task A_list_needs_a_stream_or_a_token_and_not_both()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("ListShards", new { })).AssertInvalidArgument("Either NextToken or StreamName should be provided.");
        (await server.CallAsync("ListShards", new { NextToken = "made up", StreamName = "orders" }))
            .AssertInvalidArgument("NextToken and StreamName cannot be provided together.");
        (await server.CallAsync("ListShards", new { NextToken = "made up", StreamCreationTimestamp = 1 }))
            .AssertInvalidArgument("NextToken and StreamCreationTimestamp cannot be provided together.");
        (await server.CallAsync("ListShards", new { NextToken = "made up", ExclusiveStartShardId = "0" }))
            .AssertInvalidArgument("NextToken and ExclusiveStartShardId cannot be provided together.");
        (await server.CallAsync("ListShards", new { NextToken = "made up", ShardFilter = new { Type = "AT_LATEST" } }))
            .AssertInvalidArgument("NextToken and ShardFilter cannot be provided together.");
        (await server.CallAsync("ListShards", new { NextToken = "made up" })).AssertInvalidArgument("NextToken is invalid.");
    }

    [Fact]
    public async Task A_missing_stream_and_another_incarnation_are_not_found()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("ListShards", new { StreamName = "orders", ShardFilter = new { Type = "AT_TIMESTAMP" } })).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders");
        (await server.CallAsync("ListShards", new { StreamName = "orders", StreamCreationTimestamp = server.Now })).Succeeded();
        (await server.CallAsync("ListShards", new { StreamName = "orders", StreamCreationTimestamp = server.Now - 1 })).AssertNotFound(NotFound("orders"));
    }

    [Fact]
    public async Task A_stream_in_the_wrong_status_is_told_before_a_wrong_filter()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(1));
        await server.CreateStreamAsync("orders");
        (await server.CallAsync("ListShards", new { StreamName = "orders", ShardFilter = new { Type = "AT_TIMESTAMP" } }))
            .AssertInUse(NotActive("orders", "CREATING"));
    }

    [Fact]
    public async Task An_UPDATING_stream_is_listed()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(1));
        await server.CreateStreamAsync("orders");
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await server.SplitAsync("orders", 0)).Succeeded();
        await AssertListedAsync([0], server, new { StreamName = "orders" });
    }

    [Theory]
    [InlineData("AT_TIMESTAMP", null, null, "Timestamp must be provided in ShardFilter when its Type is AT_TIMESTAMP.")]
    [InlineData("FROM_TIMESTAMP", null, "0", "Timestamp must be provided in ShardFilter when its Type is FROM_TIMESTAMP.")]
    [InlineData("AT_TIMESTAMP", 1, "0", "ShardId cannot be provided in ShardFilter when its Type is AT_TIMESTAMP.")]
    [InlineData("AFTER_SHARD_ID", null, null, "ShardId must be provided in ShardFilter when its Type is AFTER_SHARD_ID.")]
    [InlineData("AFTER_SHARD_ID", 1, "0", "Timestamp cannot be provided in ShardFilter when its Type is AFTER_SHARD_ID.")]
    [InlineData("AT_LATEST", 1, null, "Timestamp cannot be provided in ShardFilter when its Type is AT_LATEST.")]
    [InlineData("FROM_TRIM_HORIZON", null, "0", "ShardId cannot be provided in ShardFilter when its Type is FROM_TRIM_HORIZON.")]
    public async Task A_filter_has_what_its_type_uses_and_nothing_else(string type, int? timestamp, string? shard, string text)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await server.CallAsync("ListShards", new { StreamName = "orders", ShardFilter = new { Type = type, Timestamp = timestamp, ShardId = shard } }))
            .AssertInvalidArgument(text);
    }

    [Fact]
    public async Task Each_filter_shows_its_shards_of_a_family()
    {
        // 0 s: shard 0.   10 s: split into 1 and 2.   20 s: merged into 3.   The parents expire at 24 h 10 s and 24 h 20 s.
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        server.Time.Advance(TimeSpan.FromSeconds(10));
        (await server.SplitAsync("orders", 0)).Succeeded();
        server.Time.Advance(TimeSpan.FromSeconds(10));
        (await server.MergeAsync("orders", 1, 2)).Succeeded();
        var begin = Seconds(Begin);

        await AssertListedAsync([0, 1, 2, 3], server, new { StreamName = "orders" });
        await AssertFilteredAsync([0, 1, 2, 3], server, new { Type = "FROM_TRIM_HORIZON" });
        await AssertFilteredAsync([0], server, new { Type = "AT_TRIM_HORIZON" });
        await AssertFilteredAsync([3], server, new { Type = "AT_LATEST" });
        await AssertFilteredAsync([2, 3], server, new { Type = "AFTER_SHARD_ID", ShardId = "x-1" });
        await AssertFilteredAsync([0], server, new { Type = "AT_TIMESTAMP", Timestamp = begin });
        await AssertFilteredAsync([0], server, new { Type = "AT_TIMESTAMP", Timestamp = begin + 9.999 });
        // The children's numbers begin a second after their parents' end; their cover must not.
        await AssertFilteredAsync([1, 2], server, new { Type = "AT_TIMESTAMP", Timestamp = begin + 10 });
        await AssertFilteredAsync([1, 2], server, new { Type = "AT_TIMESTAMP", Timestamp = begin + 10.5 });
        await AssertFilteredAsync([3], server, new { Type = "AT_TIMESTAMP", Timestamp = begin + 20 });
        await AssertFilteredAsync([0, 1, 2, 3], server, new { Type = "FROM_TIMESTAMP", Timestamp = begin - 1000 });
        await AssertFilteredAsync([1, 2, 3], server, new { Type = "FROM_TIMESTAMP", Timestamp = begin + 10.001 });
        await AssertFilteredAsync([3], server, new { Type = "FROM_TIMESTAMP", Timestamp = begin + 21 });

        server.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(5));
        await AssertFilteredAsync([1, 2], server, new { Type = "AT_TRIM_HORIZON" });
        await AssertFilteredAsync([1, 2, 3], server, new { Type = "FROM_TRIM_HORIZON" });
        await AssertFilteredAsync([1, 2, 3], server, new { Type = "FROM_TIMESTAMP", Timestamp = begin });
    }

    [Fact]
    public async Task A_page_holds_1000_shards_at_most()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("wide", shards: 1001);
        foreach (var max in new int?[] { null, 10_000 })
        {
            var list = (await server.CallAsync("ListShards", new { StreamName = "wide", MaxResults = max })).Succeeded();
            Assert.Equal(1000, Numbers(list).Length);
            var rest = (await server.CallAsync("ListShards", new { NextToken = Token(list) })).Succeeded();
            Assert.Equal([1000], Numbers(rest));
            Assert.False(rest.TryGetProperty("NextToken", out _));
        }
    }

    [Fact]
    public async Task A_page_starts_after_the_shard_given()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 4);
        await AssertListedAsync([2, 3], server, new { StreamName = "orders", ExclusiveStartShardId = "shardId-1" });
        await AssertListedAsync([2], server, new { StreamName = "orders", ExclusiveStartShardId = "1", MaxResults = 1 });
    }

    [Fact]
    public async Task A_token_carries_the_filter_and_survives_a_split_between_pages()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 3);
        var first = (await server.CallAsync("ListShards", new { StreamName = "orders", MaxResults = 1, ShardFilter = new { Type = "AT_LATEST" } })).Succeeded();
        Assert.Equal([0], Numbers(first));
        (await server.SplitAsync("orders", 1)).Succeeded();
        await AssertListedAsync([2, 3, 4], server, new { NextToken = Token(first) });
    }

    [Fact]
    public async Task A_token_may_come_with_its_own_streams_ARN_only()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var token = Token((await server.CallAsync("ListShards", new { StreamName = "orders", MaxResults = 1 })).Succeeded());
        await AssertListedAsync([1], server, new { NextToken = token, StreamARN = Arn("orders") });
        (await server.CallAsync("ListShards", new { NextToken = token, StreamARN = Arn("other") })).AssertInvalidArgument("NextToken is invalid.");
    }

    [Fact]
    public async Task A_token_is_good_for_exactly_300_seconds()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var token = Token((await server.CallAsync("ListShards", new { StreamName = "orders", MaxResults = 1 })).Succeeded());
        server.Time.Advance(TimeSpan.FromSeconds(300));
        await AssertListedAsync([1], server, new { NextToken = token });
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        // Its age is told although the stream is gone too.
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        (await server.CallAsync("ListShards", new { NextToken = token })).AssertRefused(
            "ExpiredNextTokenException",
            "The NextToken expired. It was created at Thu Jan 01 00:00:00 UTC 2026 while right now it is Thu Jan 01 00:05:00 UTC 2026.");
    }

    [Fact]
    public async Task A_token_does_not_outlive_its_stream_under_the_same_name()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var token = Token((await server.CallAsync("ListShards", new { StreamName = "orders", MaxResults = 1 })).Succeeded());
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        await server.CreateStreamAsync("orders", shards: 2);
        (await server.CallAsync("ListShards", new { NextToken = token })).AssertNotFound(NotFound("orders"));
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_services_order()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("ListShards", new { StreamName = "a b", NextToken = "", ExclusiveStartShardId = "", MaxResults = 0 })).AssertInvalid(
            "Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1",
            "Value '' at 'exclusiveStartShardId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
            "Value '' at 'exclusiveStartShardId' failed to satisfy constraint: Member must have length greater than or equal to 1",
            "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
            "Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1");
    }

    private static async Task AssertListedAsync(int[] expected, TestServer server, object input) =>
        Assert.Equal(expected, Numbers((await server.CallAsync("ListShards", input)).Succeeded()));

    private static Task AssertFilteredAsync(int[] expected, TestServer server, object filter) =>
        AssertListedAsync(expected, server, new { StreamName = "orders", ShardFilter = filter });

    private static int[] Numbers(JsonElement list) =>
        [.. list.GetProperty("Shards").EnumerateArray().Select(shard => int.Parse(shard.GetProperty("ShardId").GetString()!["shardId-".Length..], System.Globalization.CultureInfo.InvariantCulture))];

    private static string Token(JsonElement list) => list.GetProperty("NextToken").GetString()!;
}
