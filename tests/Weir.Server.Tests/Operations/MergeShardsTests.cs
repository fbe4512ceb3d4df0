using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class MergeShardsTests
{
    [Fact]
    public async Task The_child_names_the_lower_parent_first_and_takes_both_ranges()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 3);
        (await server.MergeAsync("orders", 1, 2)).Succeeded();
        var child = (await server.DescribeAsync("orders")).GetProperty("Shards")[3];
        Assert.Equal(ShardId(3), child.GetProperty("ShardId").GetString());
        Assert.Equal(ShardId(1), child.GetProperty("ParentShardId").GetString());
        Assert.Equal(ShardId(2), child.GetProperty("AdjacentParentShardId").GetString());
        Assert.Equal("113427455640312821154458202477256070485", child.GetProperty("HashKeyRange").GetProperty("StartingHashKey").GetString());
        Assert.Equal(MaxHashKey, child.GetProperty("HashKeyRange").GetProperty("EndingHashKey").GetString());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    public async Task Only_neighbours_in_order_are_merged(int first, int second)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 3);
        (await server.MergeAsync("orders", first, second)).AssertInvalidArgument(
            $"Shards {ShardId(first)} and {ShardId(second)} in stream orders under account {Account} are not an adjacent pair of shards eligible for merging");
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
    }

    [Fact]
    public async Task The_earlier_check_of_two_wins()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(1));
        Task<KinesisReply> Merge(string lower, string upper) =>
            server.CallAsync("MergeShards", new { StreamName = "orders", ShardToMerge = lower, AdjacentShardToMerge = upper });
        string CouldNotFind(string shard) => $"Could not find shard {shard} in stream orders under account {Account}.";
        string Closed(int shard) => $"Shard {ShardId(shard)} in stream orders under account {Account} has already been merged or split, and thus is not eligible for merging or splitting.";

        // The ids' form, the stream, its status, the shards, whether they are open, whether they are neighbours.
        (await Merge("a-b", "c-d")).AssertNotFound(CouldNotFind("a-b"));
        (await Merge("9", "c-d")).AssertNotFound(CouldNotFind("c-d"));
        (await Merge("9", "8")).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders", shards: 3);
        (await Merge("9", "8")).AssertInUse(NotActive("orders", "CREATING"));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await Merge("0", "1")).Succeeded();
        (await Merge("0", "1")).AssertInUse(NotActive("orders", "UPDATING"));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await Merge("0", "x-8")).AssertNotFound(CouldNotFind(ShardId(8)));
        (await Merge("9", "8")).AssertNotFound(CouldNotFind(ShardId(9)));
        (await Merge("1", "0")).AssertInvalidArgument(Closed(1));
        (await Merge("2", "0")).AssertInvalidArgument(Closed(0));
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_services_order()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("MergeShards", new { StreamName = "a b" })).AssertInvalid(
            "Value null at 'shardToMerge' failed to satisfy constraint: Member must not be null",
            "Value null at 'adjacentShardToMerge' failed to satisfy constraint: Member must not be null",
            "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    }
}
