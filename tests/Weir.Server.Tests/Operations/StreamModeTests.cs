using System.Text.Json;
using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>On-demand streams: how they come to be, what they show, what they refuse, and changes of the mode.</summary>
public sealed class StreamModeTests
{
    private const string NotCommitted = $"WarmThroughputMiBps requires the minimum throughput billing commitment, which account {Account} has not enabled.";
    private const string OnDemand = $"Request is invalid. Stream orders under account {Account} is in On-Demand mode.";
    private const string TooOften = $"UpdateStreamMode can be called at most 2 times in a rolling 24 hour period for stream orders under account {Account}.";

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}""")]
    public async Task Without_a_count_a_stream_is_on_demand_and_has_four_shards(string members)
    {
        await using var server = await StartAsync();
        await CreateAsync(server, members);
        var summary = await SummaryAsync(server);
        Assert.Equal("ON_DEMAND", summary.GetProperty("StreamModeDetails").GetProperty("StreamMode").GetString());
        Assert.Equal(4, summary.GetProperty("OpenShardCount").GetInt32());
        Assert.Equal("USER_PARTITION_KEY", summary.GetProperty("RecordDistributionStrategy").GetString());
        // Only accounts with a commitment have it.
        Assert.False(summary.TryGetProperty("WarmThroughput", out _));
        Assert.Equal("ON_DEMAND", (await server.DescribeAsync("orders")).GetProperty("StreamModeDetails").GetProperty("StreamMode").GetString());
        var listed = (await server.CallAsync("ListStreams", new { })).Succeeded().GetProperty("StreamSummaries")[0];
        Assert.Equal("ON_DEMAND", listed.GetProperty("StreamModeDetails").GetProperty("StreamMode").GetString());
    }

    [Fact]
    public async Task A_provisioned_stream_shows_neither_warm_throughput_nor_a_distribution()
    {
        await using var server = await StartAsync();
        await CommitAsync(server);
        await server.CreateStreamAsync("orders");
        var summary = await SummaryAsync(server);
        Assert.False(summary.TryGetProperty("WarmThroughput", out _));
        Assert.False(summary.TryGetProperty("RecordDistributionStrategy", out _));
    }

    [Theory]
    [InlineData("""{"ShardCount":1,"WarmThroughputMiBps":5}""", "InvalidArgumentException", "WarmThroughputMiBps is not expected when StreamMode=PROVISIONED")]
    [InlineData("""{"ShardCount":1,"RecordDistributionStrategy":"AUTO"}""", "InvalidArgumentException", "RecordDistributionStrategy=AUTO is not expected when StreamMode=PROVISIONED")]
    [InlineData("""{"WarmThroughputMiBps":5}""", "InvalidArgumentException", NotCommitted)]
    [InlineData("""{"ShardCount":1,"WarmThroughputMiBps":5,"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}""", "ValidationException", "ShardCount is not expected when StreamMode=ON_DEMAND")]
    public async Task What_a_mode_does_not_allow_is_refused_at_the_creation(string members, string type, string text)
    {
        await using var server = await StartAsync();
        (await server.CallAsync("CreateStream", With(members))).AssertRefused(type, text);
        (await server.CallAsync("DescribeStream", new { StreamName = "orders" })).AssertNotFound(NotFound("orders"));
    }

    [Fact]
    public async Task A_zero_and_the_default_distribution_ask_for_nothing()
    {
        await using var server = await StartAsync();
        await CreateAsync(server, """{"ShardCount":2,"WarmThroughputMiBps":0,"RecordDistributionStrategy":"USER_PARTITION_KEY"}""");
    }

    [Fact]
    public async Task Warm_throughput_decides_on_the_shards_to_begin_with()
    {
        await using var server = await StartAsync();
        await CommitAsync(server);
        (await server.CallAsync("CreateStream", With("""{"WarmThroughputMiBps":10241}"""))).AssertLimitExceeded("WarmThroughputMiBps cannot be more than 10240. Specified value was 10241");
        await CreateAsync(server, """{"WarmThroughputMiBps":6,"RecordDistributionStrategy":"AUTO"}""");
        var summary = await SummaryAsync(server);
        Assert.Equal(6, summary.GetProperty("OpenShardCount").GetInt32());
        Assert.Equal("""{"TargetMiBps":6,"CurrentMiBps":6}""", summary.GetProperty("WarmThroughput").GetRawText());
        Assert.Equal("AUTO", summary.GetProperty("RecordDistributionStrategy").GetString());
    }

    [Fact]
    public async Task A_fifty_first_on_demand_stream_is_refused_after_the_other_limits()
    {
        await using var server = await StartAsync();
        for (var i = 0; i < KinesisLimits.MaxOnDemandStreams; i++)
            (await server.CallAsync("CreateStream", new { StreamName = $"stream{i}" })).Succeeded();
        var limit = $"This request would exceed the on-demand stream limit for the account {Account}. Limit: 50.";
        (await server.CallAsync("CreateStream", new { StreamName = "orders" })).AssertLimitExceeded(limit);
        (await server.CallAsync("CreateStream", new { StreamName = "orders" }, region: "eu-west-1")).Succeeded();
        await server.CreateStreamAsync("orders", shards: 4);
        (await ModeAsync(server, "ON_DEMAND")).AssertLimitExceeded(limit);
    }

    [Fact]
    public async Task Nobody_but_the_traffic_changes_the_shards_of_an_on_demand_stream()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(5));
        // CREATING: the mode is told before the status.
        await CreateAsync(server, "{}");
        (await server.SplitAsync("orders", 0)).AssertRefused("ValidationException", OnDemand);
        (await server.MergeAsync("orders", 0, 1)).AssertRefused("ValidationException", OnDemand);
        (await server.CallAsync("UpdateShardCount", new { StreamName = "orders", TargetShardCount = 8, ScalingType = "UNIFORM_SCALING" }))
            .AssertRefused("ValidationException", OnDemand);
        // Before it a shard's name that says nothing, and behind it one that is not there.
        (await server.CallAsync("SplitShard", new { StreamName = "orders", ShardToSplit = "x", NewStartingHashKey = "5" }))
            .AssertNotFound($"Could not find shard x in stream orders under account {Account}.");
        (await server.SplitAsync("orders", 99)).AssertRefused("ValidationException", OnDemand);
        (await server.SplitAsync("absent", 0)).AssertNotFound(NotFound("absent"));
    }

    [Fact]
    public async Task A_small_stream_that_becomes_on_demand_is_UPDATING_until_it_has_four_shards()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(5));
        await server.CreateStreamAsync("orders");
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await ModeAsync(server, "ON_DEMAND")).Succeeded();
        Assert.Equal("UPDATING", await server.StatusAsync("orders"));
        Assert.Equal("ON_DEMAND", (await server.DescribeAsync("orders")).GetProperty("StreamModeDetails").GetProperty("StreamMode").GetString());
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await server.UntilStatusAsync("orders", "ACTIVE");
        Assert.Equal(4, (await SummaryAsync(server)).GetProperty("OpenShardCount").GetInt32());
        // Its shards are its owner's again.
        (await ModeAsync(server, "PROVISIONED")).Succeeded();
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await server.UntilStatusAsync("orders", "ACTIVE");
        Assert.Equal(4, (await SummaryAsync(server)).GetProperty("OpenShardCount").GetInt32());
        (await server.SplitAsync("orders", (await OpenAsync(server)).First(), at: "5")).Succeeded();
    }

    [Fact]
    public async Task Refusals_of_a_mode_change_come_in_their_order()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("UpdateStreamMode", new { StreamARN = Arn("orders") })).AssertInvalid(
            "Value null at 'streamModeDetails' failed to satisfy constraint: Member must not be null");
        (await ModeAsync(server, "ON_DEMAND")).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders", shards: 4);
        (await ModeAsync(server, "ON_DEMAND", warm: 5)).AssertInvalidArgument(NotCommitted);
        // The mode that it has: no effect, whatever else is asked for.
        (await ModeAsync(server, "PROVISIONED", warm: 5)).Succeeded();
        (await ModeAsync(server, "ON_DEMAND")).Succeeded();
        (await ModeAsync(server, "PROVISIONED", warm: 5)).AssertInvalidArgument("WarmThroughputMiBps is not expected when StreamMode=PROVISIONED");
        (await ModeAsync(server, "PROVISIONED")).Succeeded();
        (await ModeAsync(server, "ON_DEMAND")).AssertLimitExceeded(TooOften);
        // Too many is told before that there is nothing to change.
        (await ModeAsync(server, "PROVISIONED")).AssertLimitExceeded(TooOften);
        server.Time.Advance(TimeSpan.FromHours(24));
        (await ModeAsync(server, "ON_DEMAND")).Succeeded();
    }

    [Fact]
    public async Task A_stream_that_is_not_ACTIVE_changes_nothing()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(5));
        await CommitAsync(server);
        await CreateAsync(server, "{}");
        var refusal = NotActive("orders", "CREATING");
        (await ModeAsync(server, "PROVISIONED")).AssertInUse(refusal);
        (await server.CallAsync("UpdateStreamWarmThroughput", new { StreamName = "orders", WarmThroughputMiBps = 20_000 })).AssertInUse(refusal);
        (await server.CallAsync("UpdateStreamRecordDistributionStrategy", new { StreamARN = Arn("orders"), RecordDistributionStrategy = "AUTO" })).AssertInUse(refusal);
    }

    private static object With(string members)
    {
        var input = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(members)!;
        input["StreamName"] = JsonSerializer.SerializeToElement("orders");
        return input;
    }

    private static async Task CreateAsync(TestServer server, string members) => (await server.CallAsync("CreateStream", With(members))).Succeeded();

    private static async Task CommitAsync(TestServer server) =>
        (await server.CallAsync("UpdateAccountSettings", new { MinimumThroughputBillingCommitment = new { Status = "ENABLED" } })).Succeeded();

    private static Task<KinesisReply> ModeAsync(TestServer server, string mode, int? warm = null) =>
        server.CallAsync("UpdateStreamMode", new { StreamARN = Arn("orders"), StreamModeDetails = new { StreamMode = mode }, WarmThroughputMiBps = warm });

    private static async Task<JsonElement> SummaryAsync(TestServer server) =>
        (await server.CallAsync("DescribeStreamSummary", new { StreamName = "orders" })).Succeeded().GetProperty("StreamDescriptionSummary");

    private static async Task<IEnumerable<int>> OpenAsync(TestServer server) => (await server.DescribeAsync("orders")).GetProperty("Shards").EnumerateArray()
        .Where(shard => !shard.GetProperty("SequenceNumberRange").TryGetProperty("EndingSequenceNumber", out _))
        .Select(shard => int.Parse(shard.GetProperty("ShardId").GetString()!.AsSpan("shardId-".Length), System.Globalization.CultureInfo.InvariantCulture));
}
