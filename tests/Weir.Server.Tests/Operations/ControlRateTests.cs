using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>
/// How often control operations may be called. The calls are about a stream that does not exist: a call that is admitted is told so,
/// and one that is not hears of its rate first.
/// </summary>
public sealed class ControlRateTests
{
    private const string ChannelArn = $"arn:aws:kinesis:{Region}:{Account}:channel/absent";

    public static TheoryData<string, object, int> OfAccounts => new()
    {
        { "AddTagsToStream", new { StreamName = "absent", Tags = new { a = "b" } }, KinesisLimits.AddTagsToStreamPerSecond },
        { "RemoveTagsFromStream", new { StreamName = "absent", TagKeys = new[] { "a" } }, KinesisLimits.RemoveTagsFromStreamPerSecond },
        { "TagResource", new { ResourceARN = Arn("absent"), Tags = new { a = "b" } }, KinesisLimits.TagResourcePerSecond },
        { "UntagResource", new { ResourceARN = Arn("absent"), TagKeys = new[] { "a" } }, KinesisLimits.UntagResourcePerSecond },
        { "ListTagsForResource", new { ResourceARN = Arn("absent") }, KinesisLimits.ListTagsForResourcePerSecond },
        { "CreateStream", new { StreamName = "absent", StreamModeDetails = new { StreamMode = "PROVISIONED" } }, KinesisLimits.CreateStreamPerSecond },
        { "DeleteStream", new { StreamName = "absent" }, KinesisLimits.DeleteStreamPerSecond },
        { "ListStreams", new { }, KinesisLimits.ListStreamsPerSecond },
        { "DescribeLimits", new { }, KinesisLimits.DescribeLimitsPerSecond },
        { "DescribeStream", new { StreamName = "absent" }, KinesisLimits.DescribeStreamPerSecond },
        { "DescribeStreamSummary", new { StreamARN = Arn("absent") }, KinesisLimits.DescribeStreamSummaryPerSecond },
        { "UpdateShardCount", new { StreamName = "absent", TargetShardCount = 2, ScalingType = "UNIFORM_SCALING" }, KinesisLimits.UpdateShardCountPerSecond },
        { "UpdateMaxRecordSize", new { StreamARN = Arn("absent"), MaxRecordSizeInKiB = 1024 }, KinesisLimits.UpdateMaxRecordSizePerSecond },
        { "DescribeChannel", new { ChannelARN = ChannelArn }, KinesisLimits.DescribeChannelPerSecond },
        { "UpdateChannel", new { ChannelARN = ChannelArn }, KinesisLimits.UpdateChannelPerSecond },
        { "DeleteChannel", new { ChannelARN = ChannelArn }, KinesisLimits.DeleteChannelPerSecond },
        { "ListChannels", new { }, KinesisLimits.ListChannelsPerSecond },
    };

    public static TheoryData<string, object, int> OfStreams => new()
    {
        { "ListTagsForStream", new { StreamName = "absent" }, KinesisLimits.ListTagsForStreamPerSecond },
        { "DescribeStreamConsumer", new { StreamARN = Arn("absent"), ConsumerName = "c" }, KinesisLimits.DescribeStreamConsumerPerSecond },
        { "ListShards", new { StreamName = "absent" }, KinesisLimits.ListShardsPerSecond },
        { "ListStreamConsumers", new { StreamARN = Arn("absent") }, KinesisLimits.ListStreamConsumersPerSecond },
        { "RegisterStreamConsumer", new { StreamARN = Arn("absent"), ConsumerName = "c" }, KinesisLimits.RegisterStreamConsumerPerSecond },
        { "DeregisterStreamConsumer", new { ConsumerARN = Arn("absent") + "/consumer/c:1767225600" }, KinesisLimits.DeregisterStreamConsumerPerSecond },
        { "MergeShards", new { StreamName = "absent", ShardToMerge = "0", AdjacentShardToMerge = "1" }, KinesisLimits.MergeShardsPerSecond },
        { "SplitShard", new { StreamName = "absent", ShardToSplit = "0", NewStartingHashKey = "1" }, KinesisLimits.SplitShardPerSecond },
        { "IncreaseStreamRetentionPeriod", new { StreamName = "absent", RetentionPeriodHours = 48 }, KinesisLimits.IncreaseStreamRetentionPeriodPerSecond },
        { "DecreaseStreamRetentionPeriod", new { StreamName = "absent", RetentionPeriodHours = 48 }, KinesisLimits.DecreaseStreamRetentionPeriodPerSecond },
        { "EnableEnhancedMonitoring", new { StreamName = "absent", ShardLevelMetrics = new[] { "ALL" } }, KinesisLimits.EnableEnhancedMonitoringPerSecond },
        { "DisableEnhancedMonitoring", new { StreamName = "absent", ShardLevelMetrics = new[] { "ALL" } }, KinesisLimits.DisableEnhancedMonitoringPerSecond },
    };

    [Theory]
    [MemberData(nameof(OfAccounts))]
    [MemberData(nameof(OfStreams))]
    public async Task An_operation_is_called_so_often_a_second_and_not_once_more(string operation, object request, int perSecond)
    {
        await using var server = await StartAsync(limits: true);
        for (var i = 0; i < perSecond; i++)
            Assert.False(IsRefused(await server.CallAsync(operation, request)), $"Call {i + 1} of {perSecond}.");
        var refusal = await server.CallAsync(operation, request);
        var namesStream = request.GetType().GetProperties().Any(member => member.Name is "StreamName" or "StreamARN" or "ResourceARN" or "ConsumerARN");
        refusal.AssertLimitExceeded(namesStream ? $"Rate exceeded for stream absent under account {Account}." : "Rate exceeded.");
        server.Time.Advance(TimeSpan.FromSeconds(1.0 / perSecond));
        Assert.False(IsRefused(await server.CallAsync(operation, request)));
        Assert.True(IsRefused(await server.CallAsync(operation, request)));
    }

    [Fact]
    public async Task An_account_s_calls_count_together_whatever_stream_they_are_for()
    {
        await using var server = await StartAsync(limits: true);
        for (var i = 0; i < KinesisLimits.DescribeStreamPerSecond; i++)
            (await DescribeAsync(server, $"absent-{i}")).AssertNotFound(NotFound($"absent-{i}"));
        (await DescribeAsync(server, "another")).AssertLimitExceeded($"Rate exceeded for stream another under account {Account}.");
        // Another region, and another operation, are counted by themselves.
        (await server.CallAsync("DescribeStream", new { StreamName = "another" }, region: "eu-west-1")).AssertNotFound(NotFound("another"));
        (await server.CallAsync("DescribeStreamSummary", new { StreamName = "another" })).AssertNotFound(NotFound("another"));
    }

    [Fact]
    public async Task A_stream_s_calls_count_together_however_it_is_named_and_apart_from_other_streams()
    {
        await using var server = await StartAsync(limits: true);
        for (var i = 0; i < KinesisLimits.ListTagsForStreamPerSecond; i++)
            (await server.CallAsync("ListTagsForStream", i % 2 == 0 ? new { StreamName = "absent" } : new { StreamARN = Arn("absent") })).AssertNotFound(NotFound("absent"));
        (await server.CallAsync("ListTagsForStream", new { StreamARN = Arn("absent") })).AssertLimitExceeded($"Rate exceeded for stream absent under account {Account}.");
        (await server.CallAsync("ListTagsForStream", new { StreamName = "another" })).AssertNotFound(NotFound("another"));
    }

    [Fact]
    public async Task A_request_that_is_wrong_by_the_model_costs_nothing_and_is_never_told_of_a_rate()
    {
        await using var server = await StartAsync(limits: true);
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains("ValidationException", (await server.CallAsync("DescribeStream", new { StreamName = "" })).Text, StringComparison.Ordinal);
            Assert.Contains("SerializationException", (await server.CallAsync("DescribeStream", new { StreamName = 1 })).Text, StringComparison.Ordinal);
        }

        for (var i = 0; i < KinesisLimits.DescribeStreamPerSecond; i++)
            (await DescribeAsync(server, "absent")).AssertNotFound(NotFound("absent"));
        Assert.True(IsRefused(await DescribeAsync(server, "absent")));
        Assert.Contains("ValidationException", (await server.CallAsync("DescribeStream", new { StreamName = "" })).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_limits_control_operations_are_called_as_often_as_one_likes()
    {
        await using var server = await StartAsync(limits: false);
        for (var i = 0; i < KinesisLimits.DescribeStreamPerSecond * 3; i++)
            (await DescribeAsync(server, "absent")).AssertNotFound(NotFound("absent"));
    }

    private static Task<KinesisReply> DescribeAsync(TestServer server, string stream) => server.CallAsync("DescribeStream", new { StreamName = stream });

    private static bool IsRefused(KinesisReply reply) => reply.Text.Contains("Rate exceeded", StringComparison.Ordinal);
}
