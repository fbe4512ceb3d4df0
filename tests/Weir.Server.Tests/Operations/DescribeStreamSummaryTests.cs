using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class DescribeStreamSummaryTests
{
    [Fact]
    public async Task A_summary_has_exactly_these_members()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var summary = await SummaryAsync(server);
        var expected = $$"""
            {
              "StreamName": "orders", "StreamARN": "{{Arn("orders")}}", "StreamStatus": "ACTIVE",
              "StreamModeDetails": { "StreamMode": "PROVISIONED" },
              "RetentionPeriodHours": 24, "StreamCreationTimestamp": 1767225600.000,
              "EnhancedMonitoring": [{ "ShardLevelMetrics": [] }], "EncryptionType": "NONE",
              "OpenShardCount": 2, "ConsumerCount": 0, "MaxRecordSizeInKiB": 1024, "ChannelCount": 0
            }
            """;
        Assert.True(JsonElement.DeepEquals(JsonSerializer.Deserialize<JsonElement>(expected), summary), summary.ToString());
    }

    [Fact]
    public async Task Only_open_shards_are_counted()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await server.SplitAsync("orders", 0)).Succeeded();
        Assert.Equal(2, (await SummaryAsync(server)).GetProperty("OpenShardCount").GetInt32());
        (await server.MergeAsync("orders", 1, 2)).Succeeded();
        Assert.Equal(1, (await SummaryAsync(server)).GetProperty("OpenShardCount").GetInt32());
    }

    [Fact]
    public async Task The_status_is_the_streams()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(1));
        await server.CreateStreamAsync("orders");
        Assert.Equal("CREATING", (await SummaryAsync(server)).GetProperty("StreamStatus").GetString());
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await server.SplitAsync("orders", 0)).Succeeded();
        Assert.Equal("UPDATING", (await SummaryAsync(server)).GetProperty("StreamStatus").GetString());
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        Assert.Equal("DELETING", (await SummaryAsync(server)).GetProperty("StreamStatus").GetString());
    }

    private static async Task<JsonElement> SummaryAsync(TestServer server) =>
        (await server.CallAsync("DescribeStreamSummary", new { StreamName = "orders" })).Succeeded().GetProperty("StreamDescriptionSummary");
}
