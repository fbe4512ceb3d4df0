using System.Text.Json;
using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class SplitShardTests
{
    private const string AlreadyClosed =
        $"Shard shardId-000000000000 in stream orders under account {Account} has already been merged or split, and thus is not eligible for merging or splitting.";

    [Fact]
    public async Task The_children_share_the_parents_range_and_their_numbers_lie_above_its_end()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "1");
        server.Time.Advance(TimeSpan.FromSeconds(7));
        (await server.SplitAsync("orders", 0, "1000")).Succeeded();
        var shards = (await server.DescribeAsync("orders")).GetProperty("Shards");
        Assert.Equal([(null, null, "0", MaxHashKey), (ShardId(0), null, "0", "999"), (ShardId(0), null, "1000", MaxHashKey)], shards.EnumerateArray().Select(Family));
        var closed = server.Time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal(SequenceNumber.End(new Model.ShardId(0), Begin.ToUnixTimeSeconds(), closed).ToString(), Numbers(shards[0], "EndingSequenceNumber"));
        for (var child = 1; child <= 2; child++)
            Assert.Equal(SequenceNumber.Start(new Model.ShardId(child), closed + 1).ToString(), Numbers(shards[child], "StartingSequenceNumber"));
    }

    [Fact]
    public async Task The_earlier_check_of_two_wins()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(1));
        Task<KinesisReply> Split(string shard, string key = "0") =>
            server.CallAsync("SplitShard", new { StreamName = "orders", ShardToSplit = shard, NewStartingHashKey = key });

        // The id's form, the stream, its status, the shard, whether it is open, the key.
        (await Split("a-b")).AssertNotFound($"Could not find shard a-b in stream orders under account {Account}.");
        (await Split("5")).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders");
        (await Split("a-b")).AssertNotFound($"Could not find shard a-b in stream orders under account {Account}.");
        (await Split("5")).AssertInUse(NotActive("orders", "CREATING"));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await Split("x-5")).AssertNotFound($"Could not find shard {ShardId(5)} in stream orders under account {Account}.");
        (await Split("0", Middle)).Succeeded();
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await Split("0")).AssertInvalidArgument(AlreadyClosed);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData(MaxHashKey)]
    [InlineData("340282366920938463463374607431768211456")]
    [InlineData("999999999999999999999999999999999999999")]
    public async Task A_key_that_is_not_well_inside_the_range_is_refused(string key)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await server.SplitAsync("orders", 0, key)).AssertInvalidArgument(
            $"NewStartingHashKey {key} used in SplitShard() on shard {ShardId(0)} in stream orders under account {Account} is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey {MaxHashKey}.");
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("340282366920938463463374607431768211454")]
    public async Task The_first_and_the_last_key_inside_are_taken(string key)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await server.SplitAsync("orders", 0, key)).Succeeded();
    }

    [Fact]
    public async Task A_split_over_the_shard_limit_is_refused_before_its_key_is_looked_at()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 20_000);
        (await server.SplitAsync("orders", 0, "0")).AssertLimitExceeded(
            $"This request would exceed the shard limit for the account {Account} in {Region}. Current shard count for the account: 20000. Limit: 20000. Number of additional shards that would have resulted from this request: 1. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.");
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
    }

    [Fact]
    public async Task Records_stay_where_they_were_and_new_ones_go_to_the_children()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "before", MaxHashKey);
        (await server.SplitAsync("orders", 0)).Succeeded();
        await server.PutTextAsync("orders", "after", MaxHashKey);
        Assert.Equal(["before"], (await server.ReadAsync(await server.IteratorAsync("orders", 0))).Texts);
        Assert.Empty((await server.ReadAsync(await server.IteratorAsync("orders", 1))).Texts);
        Assert.Equal(["after"], (await server.ReadAsync(await server.IteratorAsync("orders", 2))).Texts);
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_services_order()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("SplitShard", new { StreamName = "a b", NewStartingHashKey = "-1" })).AssertInvalid(
            @"Value '-1' at 'newStartingHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})",
            "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
            "Value null at 'shardToSplit' failed to satisfy constraint: Member must not be null");
    }

    private static (string? Parent, string? Adjacent, string? Start, string? End) Family(JsonElement shard) => (
        Text(shard, "ParentShardId"),
        Text(shard, "AdjacentParentShardId"),
        Text(shard.GetProperty("HashKeyRange"), "StartingHashKey"),
        Text(shard.GetProperty("HashKeyRange"), "EndingHashKey"));

    private static string? Numbers(JsonElement shard, string which) => Text(shard.GetProperty("SequenceNumberRange"), which);

    private static string? Text(JsonElement json, string member) => json.TryGetProperty(member, out var text) ? text.GetString() : null;
}
