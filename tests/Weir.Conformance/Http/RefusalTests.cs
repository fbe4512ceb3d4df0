using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>What the operations themselves refuse: missing streams and shards, foreign and damaged iterators, taken names.</summary>
public sealed class RefusalTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const string NotFound = "Stream absent under account 000000000000 not found.";

    [Theory]
    [InlineData("DescribeStream", """{"StreamName":"absent"}""", NotFound)]
    [InlineData("DescribeStreamSummary", """{"StreamName":"absent"}""", NotFound)]
    [InlineData("DeleteStream", """{"StreamName":"absent"}""", NotFound)]
    [InlineData("ListShards", """{"StreamName":"absent"}""", NotFound)]
    [InlineData("PutRecord", """{"StreamName":"absent","Data":"","PartitionKey":"k"}""", NotFound)]
    [InlineData("PutRecords", """{"StreamName":"absent","Records":[{"Data":"","PartitionKey":"k"}]}""", NotFound)]
    [InlineData("IncreaseStreamRetentionPeriod", """{"StreamName":"absent","RetentionPeriodHours":25}""", NotFound)]
    [InlineData("SplitShard", """{"StreamName":"absent","ShardToSplit":"shardId-0","NewStartingHashKey":"5"}""", NotFound)]
    [InlineData("DescribeStream", """{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/absent"}""", NotFound)]
    [InlineData("GetShardIterator", """{"StreamName":"absent","ShardId":"shardId-0","ShardIteratorType":"LATEST"}""", "Shard shardId-000000000000 in stream absent under account 000000000000 does not exist")]
    [InlineData("GetShardIterator", """{"StreamName":"absent","ShardId":"shardId-x","ShardIteratorType":"LATEST"}""", "Could not find shard shardId-x in stream absent under account 000000000000.")]
    public async Task A_missing_stream_is_not_found(string operation, string body, string text)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync(operation, body)).AssertRefused("ResourceNotFoundException", text);
    }

    [Fact]
    public async Task A_request_that_addresses_no_stream_is_refused()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync("DescribeStream", "{}"))
            .AssertRefused("InvalidArgumentException", "Either StreamARN or StreamName must be provided.");
    }

    [Fact]
    public async Task A_taken_name_is_in_use()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("taken");
        (await http.CallAsync("CreateStream", """{"StreamName":"taken","ShardCount":1}"""))
            .AssertRefused("ResourceInUseException", "Stream taken under account 000000000000 already exists.");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAHwyVoUBJ2J")]
    [InlineData("not base64 at all")]
    public async Task A_made_up_iterator_is_invalid(string iterator)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync("GetRecords", new { ShardIterator = iterator })).AssertRefused("InvalidArgumentException", "Invalid ShardIterator.");
    }

    [Fact]
    public async Task An_iterator_with_one_changed_character_is_invalid()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("tampered");
        var iterator = await http.IteratorAsync("tampered");
        foreach (var position in new[] { 0, iterator.Length / 2, iterator.Length - 6 })
        {
            var changed = iterator[..position] + (iterator[position] == 'A' ? 'B' : 'A') + iterator[(position + 1)..];
            (await http.CallAsync("GetRecords", new { ShardIterator = changed })).AssertRefused("InvalidArgumentException", "Invalid ShardIterator.");
        }
    }

    [Trap(19)]
    [Fact]
    public async Task An_iterator_in_double_quotes_is_taken()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("quoted");
        (await http.CallAsync("GetRecords", new { ShardIterator = $"\"{await http.IteratorAsync("quoted")}\"" })).Succeeded();
    }

    [Fact]
    public async Task An_iterator_does_not_outlive_its_stream_under_the_same_name()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("twice");
        var iterator = await http.IteratorAsync("twice");
        (await http.CallAsync("DeleteStream", """{"StreamName":"twice"}""")).Succeeded();
        await Polling.UntilAsync<object>("stream twice is gone", TimeSpan.FromSeconds(30), async () =>
            (int)(await http.CallAsync("DescribeStreamSummary", """{"StreamName":"twice"}""")).Status == 400 ? http : null);
        await http.CreateStreamAsync("twice");
        (await http.CallAsync("GetRecords", new { ShardIterator = iterator })).AssertRefused(
            "ResourceNotFoundException", "Shard shardId-000000000000 in stream twice under account 000000000000 does not exist");
    }

    [Fact]
    public async Task Another_servers_iterator_is_refused()
    {
        using var data = new TemporaryFolder();
        await using var other = await WeirServer.StartAsync("--data", data.Path);
        using var there = new KinesisHttp(other.Endpoint);
        using var here = new KinesisHttp(fixture.Endpoint);
        await there.CreateStreamAsync("foreign");
        await here.CreateStreamAsync("foreign");
        var reply = await here.CallAsync("GetRecords", new { ShardIterator = await there.IteratorAsync("foreign") });
        // Which of the two depends on whether the servers share a sealing key; a page of records is wrong either way.
        Assert.Equal(400, (int)reply.Status);
        Assert.Contains(reply.Json.GetProperty("__type").GetString(), new[] { "InvalidArgumentException", "ResourceNotFoundException" });
        Assert.Equal(0, await other.TerminateAsync());
    }

    [Fact]
    public async Task A_split_outside_the_shards_range_is_refused_with_the_range()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("split-range", shards: 2);
        (await http.CallAsync("SplitShard", """{"StreamName":"split-range","ShardToSplit":"shardId-1","NewStartingHashKey":"5"}""")).AssertRefused(
            "InvalidArgumentException",
            "NewStartingHashKey 5 used in SplitShard() on shard shardId-000000000001 in stream split-range under account 000000000000 is not both greater "
            + "than one plus the shard's StartingHashKey 170141183460469231731687303715884105728 and less than the shard's EndingHashKey "
            + "340282366920938463463374607431768211455.");
        (await http.CallAsync("MergeShards", """{"StreamName":"split-range","ShardToMerge":"1","AdjacentShardToMerge":"0"}""")).AssertRefused(
            "InvalidArgumentException",
            "Shards shardId-000000000001 and shardId-000000000000 in stream split-range under account 000000000000 are not an adjacent pair of shards eligible for merging");
    }
}
