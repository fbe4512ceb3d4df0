using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>A stream is addressed by name, by ARN or by both, the same way in every operation.</summary>
public sealed class AddressingTests
{
    // What each operation needs beside the stream.
    private static readonly Dictionary<string, Dictionary<string, object>> Rest = new()
    {
        ["DeleteStream"] = [],
        ["DescribeStream"] = [],
        ["DescribeStreamSummary"] = [],
        ["ListShards"] = [],
        ["PutRecord"] = new() { ["PartitionKey"] = "k", ["Data"] = "" },
        ["PutRecords"] = new() { ["Records"] = new[] { new { PartitionKey = "k", Data = "" } } },
        ["GetShardIterator"] = new() { ["ShardId"] = "0", ["ShardIteratorType"] = "LATEST" },
        ["SplitShard"] = new() { ["ShardToSplit"] = "0", ["NewStartingHashKey"] = "1000" },
        ["MergeShards"] = new() { ["ShardToMerge"] = "0", ["AdjacentShardToMerge"] = "1" },
        ["UpdateShardCount"] = new() { ["TargetShardCount"] = 3, ["ScalingType"] = "UNIFORM_SCALING" },
        ["AddTagsToStream"] = new() { ["Tags"] = new { team = "water" } },
        ["RemoveTagsFromStream"] = new() { ["TagKeys"] = new[] { "team" } },
        ["ListTagsForStream"] = [],
        ["IncreaseStreamRetentionPeriod"] = new() { ["RetentionPeriodHours"] = 24 },
        ["DecreaseStreamRetentionPeriod"] = new() { ["RetentionPeriodHours"] = 24 },
    };

    public static TheoryData<string> Operations => [.. Rest.Keys];

    [Fact]
    public async Task A_stream_id_has_its_form_decides_nothing_and_is_never_answered()
    {
        const string id = "abcdefghij0123456789-abc";
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await server.CallAsync("DescribeStream", new { StreamName = "orders", StreamId = "orders" })).AssertInvalid(
            "Value 'orders' at 'streamId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z0-9]{20}-[a-z0-9]{3}");
        (await server.CallAsync("DescribeStream", new { StreamId = id })).AssertInvalidArgument("Either StreamARN or StreamName must be provided.");
        foreach (var operation in new[] { "DescribeStream", "DescribeStreamSummary", "ListShards" })
        {
            var reply = await server.CallAsync(operation, new { StreamName = "orders", StreamId = id });
            reply.Succeeded();
            Assert.DoesNotContain("StreamId", reply.Text, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Operations))]
    public async Task A_name_an_ARN_and_both_mean_the_same_stream(string operation)
    {
        foreach (var (name, arn) in new[] { ("orders", null), (null, Arn("orders")), ("orders", Arn("orders")) })
        {
            await using var server = await StartAsync();
            await server.CreateStreamAsync("orders", shards: 2);
            (await CallAsync(server, operation, name, arn)).Succeeded();
        }
    }

    [Theory, MemberData(nameof(Operations))]
    public async Task A_missing_stream_is_not_found_by_its_ARN_either(string operation)
    {
        await using var server = await StartAsync();
        var text = operation == "GetShardIterator" ? NoSuchShard("orders", 0) : NotFound("orders");
        (await CallAsync(server, operation, null, Arn("orders"))).AssertNotFound(text);
        (await CallAsync(server, operation, "orders", null)).AssertNotFound(text);
    }

    [Theory, MemberData(nameof(Operations))]
    public async Task A_disagreement_a_foreign_region_and_silence_are_refused(string operation)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        (await CallAsync(server, operation, "orders", Arn("other")))
            .AssertInvalidArgument($"StreamARN {Arn("other")} and StreamName orders do not refer to the same stream.");
        (await CallAsync(server, operation, null, Arn("orders", region: "eu-west-1")))
            .AssertInvalidArgument($"StreamARN {Arn("orders", region: "eu-west-1")} does not belong to the region us-east-1.");
        (await CallAsync(server, operation, null, null)).AssertInvalidArgument(
            operation == "ListShards" ? "Either NextToken or StreamName should be provided." : "Either StreamARN or StreamName must be provided.");
    }

    [Fact]
    public async Task Another_accounts_stream_is_not_found_there()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await CallAsync(server, "DescribeStream", null, Arn("orders", account: "111111111111")))
            .AssertNotFound("Stream orders under account 111111111111 not found.");
    }

    [Theory]
    [InlineData("arn:aws:kinesis:us-east-1:1:stream/orders")]
    [InlineData("orders")]
    public async Task What_is_no_ARN_fails_the_models_pattern(string arn)
    {
        await using var server = await StartAsync();
        (await CallAsync(server, "DescribeStream", null, arn)).AssertInvalid(
            $@"Value '{arn}' at 'streamARN' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{{12}}:stream/\S+");
    }

    [Fact]
    public async Task Streams_of_two_regions_are_apart()
    {
        await using var server = await StartAsync();
        foreach (var region in new[] { "eu-west-1", "ap-south-2" })
        {
            (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1 }, region)).Succeeded();
            (await server.CallAsync("PutRecord", new { StreamName = "orders", PartitionKey = "k", Data = Bytes(region) }, region)).Succeeded();
        }

        (await CallAsync(server, "DescribeStream", "orders", null)).AssertNotFound(NotFound("orders"));
        var description = (await server.CallAsync("DescribeStream", new { StreamName = "orders" }, "eu-west-1")).Succeeded();
        Assert.Equal(Arn("orders", region: "eu-west-1"), description.GetProperty("StreamDescription").GetProperty("StreamARN").GetString());
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" }, "eu-west-1")).Succeeded();

        var iterator = Iterator(await server.CallAsync("GetShardIterator", new { StreamName = "orders", ShardId = "0", ShardIteratorType = "TRIM_HORIZON" }, "ap-south-2"));
        Assert.Equal(["ap-south-2"], new RecordsPage((await server.CallAsync("GetRecords", new { ShardIterator = iterator }, "ap-south-2")).Succeeded()).Texts);
    }

    private static Task<KinesisReply> CallAsync(TestServer server, string operation, string? name, string? arn)
    {
        var input = new Dictionary<string, object>(Rest[operation]);
        if (name is not null)
            input["StreamName"] = name;
        if (arn is not null)
            input["StreamARN"] = arn;
        return server.CallAsync(operation, input);
    }
}
