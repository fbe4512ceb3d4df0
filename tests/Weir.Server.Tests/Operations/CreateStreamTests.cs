using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class CreateStreamTests
{
    private const string Exists = $"Stream orders under account {Account} already exists.";

    private const string TooManyCreating =
        "This request would have exceed the limit on the number of streams that can simultaneously be in CREATING or DELETING. Limit: 5";

    [Fact]
    public async Task The_initial_shards_share_the_hash_keys_evenly_and_the_last_takes_the_rest()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 3 })).Succeeded();
        var shards = (await server.DescribeAsync("orders")).GetProperty("Shards").EnumerateArray().ToArray();
        Assert.Equal([ShardId(0), ShardId(1), ShardId(2)], shards.Select(shard => shard.GetProperty("ShardId").GetString()));
        Assert.Equal(
            [
                ("0", "113427455640312821154458202477256070484"),
                ("113427455640312821154458202477256070485", "226854911280625642308916404954512140969"),
                ("226854911280625642308916404954512140970", MaxHashKey),
            ],
            shards.Select(shard => shard.GetProperty("HashKeyRange"))
                .Select(range => (range.GetProperty("StartingHashKey").GetString()!, range.GetProperty("EndingHashKey").GetString()!)));
    }

    [Fact]
    public async Task A_stream_is_CREATING_for_exactly_as_long_as_the_transition_takes()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(10));
        await server.CreateStreamAsync("orders");
        server.Time.Advance(TimeSpan.FromMilliseconds(9_999));
        Assert.Equal("CREATING", await server.StatusAsync("orders"));
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        await server.UntilStatusAsync("orders", "ACTIVE");
        Assert.Equal(1, (await server.DescribeAsync("orders")).GetProperty("Shards").GetArrayLength());
        await server.PutTextAsync("orders", "taken");
    }

    [Fact]
    public async Task A_CREATING_stream_has_no_shards_to_anyone()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(10));
        await server.CreateStreamAsync("orders", shards: 2);
        var description = await server.DescribeAsync("orders");
        Assert.Equal("CREATING", description.GetProperty("StreamStatus").GetString());
        Assert.Equal(0, description.GetProperty("Shards").GetArrayLength());
        Assert.False(description.GetProperty("HasMoreShards").GetBoolean());
        var summary = (await server.CallAsync("DescribeStreamSummary", new { StreamName = "orders" })).Succeeded().GetProperty("StreamDescriptionSummary");
        Assert.Equal(0, summary.GetProperty("OpenShardCount").GetInt32());

        (await server.PutAsync("orders")).AssertNotFound(NotFound("orders"));
        (await server.CallAsync("PutRecords", new { StreamName = "orders", Records = new[] { new { Data = "", PartitionKey = "k" } } }))
            .AssertNotFound(NotFound("orders"));
        (await server.CallAsync("GetShardIterator", new { StreamName = "orders", ShardId = "0", ShardIteratorType = "LATEST" }))
            .AssertNotFound(NoSuchShard("orders", 0));
    }

    [Fact]
    public async Task Control_operations_wait_until_it_is_ACTIVE()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(10));
        await server.CreateStreamAsync("orders", shards: 2);
        (await server.CallAsync("ListShards", new { StreamName = "orders" })).AssertInUse(NotActive("orders", "CREATING"));
        (await server.SplitAsync("orders", 0)).AssertInUse(NotActive("orders", "CREATING"));
        (await server.MergeAsync("orders", 0, 1)).AssertInUse(NotActive("orders", "CREATING"));
        foreach (var operation in new[] { "IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod" })
        {
            (await server.CallAsync(operation, new { StreamName = "orders", RetentionPeriodHours = 24 }))
                .AssertInUse(NotActive("orders", "CREATING"));
        }
    }

    [Fact]
    public async Task A_missing_mode_with_a_count_is_provisioned()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var mode = (await server.DescribeAsync("orders")).GetProperty("StreamModeDetails").GetProperty("StreamMode").GetString();
        Assert.Equal("PROVISIONED", mode);
        (await server.CallAsync("CreateStream", new { StreamName = "said", ShardCount = 1, StreamModeDetails = new { StreamMode = "PROVISIONED" } })).Succeeded();
    }

    [Fact]
    public async Task The_mode_and_the_shard_count_must_agree()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("CreateStream", new { StreamName = "orders", StreamModeDetails = new { StreamMode = "PROVISIONED" } }))
            .AssertInvalidArgument("ShardCount is required when StreamMode=PROVISIONED");
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1, StreamModeDetails = new { StreamMode = "ON_DEMAND" } }))
            .AssertRefused("ValidationException", "ShardCount is not expected when StreamMode=ON_DEMAND");
    }

    [Fact]
    public async Task A_taken_name_is_told_before_a_wrong_mode_and_before_every_limit()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(10));
        await server.CreateStreamAsync("orders");
        for (var i = 0; i < 4; i++)
            await server.CreateStreamAsync($"other-{i}");
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 100_000 })).AssertInUse(Exists);
        (await server.CallAsync("CreateStream", new { StreamName = "orders", StreamModeDetails = new { StreamMode = "PROVISIONED" } })).AssertInUse(Exists);
    }

    [Fact]
    public async Task A_sixth_CREATING_stream_is_refused_after_the_mode_and_before_the_shard_limit()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(10));
        for (var i = 0; i < 5; i++)
            await server.CreateStreamAsync($"other-{i}");
        (await server.CallAsync("CreateStream", new { StreamName = "orders", StreamModeDetails = new { StreamMode = "PROVISIONED" } }))
            .AssertInvalidArgument("ShardCount is required when StreamMode=PROVISIONED");
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 100_000 })).AssertLimitExceeded(TooManyCreating);
        // The limit is of an account in a region.
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1 }, region: "eu-west-1")).Succeeded();

        server.Time.Advance(TimeSpan.FromSeconds(10));
        await server.UntilStatusAsync("other-0", "ACTIVE");
        await server.CreateStreamAsync("orders");
    }

    [Fact]
    public async Task A_stream_over_the_shard_limit_is_refused_with_the_figures()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("three", shards: 3);
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 19_998 })).AssertLimitExceeded(
            $"This request would exceed the shard limit for the account {Account} in {Region}. Current shard count for the account: 3. Limit: 20000. Number of additional shards that would have resulted from this request: 19998. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.");
    }

    [Fact]
    public async Task The_record_limit_is_the_streams_own()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("large", maxRecordKib: 10_240);
        var summary = (await server.CallAsync("DescribeStreamSummary", new { StreamName = "large" })).Succeeded();
        Assert.Equal(10_240, summary.GetProperty("StreamDescriptionSummary").GetProperty("MaxRecordSizeInKiB").GetInt32());
        var data = new byte[(10 * 1024 * 1024) - 1];
        new Random(1).NextBytes(data);
        (await server.CallAsync("PutRecord", new { StreamName = "large", PartitionKey = "k", Data = data })).Succeeded();
        var page = await server.ReadAsync(await server.IteratorAsync("large"));
        Assert.Equal(data, page.Records[0].GetProperty("Data").GetBytesFromBase64());
    }

    [Theory]
    [InlineData(1023, "greater than or equal to 1024")]
    [InlineData(10_241, "less than or equal to 10240")]
    public async Task A_record_limit_out_of_its_range_is_refused(int kib, string range)
    {
        await using var server = await StartAsync();
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1, MaxRecordSizeInKiB = kib }))
            .AssertInvalid($"Value '{kib}' at 'maxRecordSizeInKiB' failed to satisfy constraint: Member must have value {range}");
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_services_order_and_before_everything_else()
    {
        await using var server = await StartAsync();
        var name = new string('a', 129);
        (await server.CallAsync("CreateStream", new { StreamName = name, ShardCount = 0 })).AssertInvalid(
            "Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1",
            $"Value '{name}' at 'streamName' failed to satisfy constraint: Member must have length less than or equal to 128");
        await server.CreateStreamAsync(name[1..]);
        (await server.CallAsync("CreateStream", new { StreamName = name[1..], ShardCount = 0 }))
            .AssertInvalid("Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1");
    }
}
