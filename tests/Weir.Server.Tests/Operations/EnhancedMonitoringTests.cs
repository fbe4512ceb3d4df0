using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>EnableEnhancedMonitoring and DisableEnhancedMonitoring: at once, in the API's order, and shown by both descriptions.</summary>
public sealed class EnhancedMonitoringTests
{
    private const string AllMetrics =
        "IncomingBytes,IncomingRecords,OutgoingBytes,OutgoingRecords,WriteProvisionedThroughputExceeded,ReadProvisionedThroughputExceeded,IteratorAgeMilliseconds";

    [Fact]
    public async Task Metrics_are_switched_on_and_off_at_once_even_where_transitions_take_time()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(5));
        await server.CreateStreamAsync("orders");
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await server.UntilStatusAsync("orders", "ACTIVE");
        Assert.Equal("", await ShownAsync(server));

        AssertChange((await ChangeAsync(server, "Enable", "OutgoingBytes", "IncomingBytes")).Succeeded(), "", "IncomingBytes,OutgoingBytes");
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
        Assert.Equal("IncomingBytes,OutgoingBytes", await ShownAsync(server));

        AssertChange((await ChangeAsync(server, "Enable", "ALL")).Succeeded(), "IncomingBytes,OutgoingBytes", AllMetrics);
        AssertChange(
            (await ChangeAsync(server, "Disable", "IncomingRecords", "IncomingBytes", "OutgoingBytes", "OutgoingRecords", "IteratorAgeMilliseconds")).Succeeded(),
            AllMetrics, "WriteProvisionedThroughputExceeded,ReadProvisionedThroughputExceeded");
        AssertChange(
            (await ChangeAsync(server, "Disable", "IncomingBytes")).Succeeded(),
            "WriteProvisionedThroughputExceeded,ReadProvisionedThroughputExceeded", "WriteProvisionedThroughputExceeded,ReadProvisionedThroughputExceeded");
        AssertChange((await ChangeAsync(server, "Disable", "ALL")).Succeeded(), "WriteProvisionedThroughputExceeded,ReadProvisionedThroughputExceeded", "");
        Assert.Equal("", await ShownAsync(server));
    }

    [Fact]
    public async Task Metrics_stay_on_over_a_restart()
    {
        using var directory = new TemporaryDirectory();
        var time = new TestKit.ManualTimeProvider(Begin);
        await using (var server = await StartAsync(time: time, dataDirectory: directory.Path))
        {
            await server.CreateStreamAsync("orders");
            (await ChangeAsync(server, "Enable", "IteratorAgeMilliseconds")).Succeeded();
        }

        await using var restarted = await StartAsync(time: time, dataDirectory: directory.Path);
        Assert.Equal("IteratorAgeMilliseconds", await ShownAsync(restarted));
    }

    [Theory]
    [InlineData("Enable")]
    [InlineData("Disable")]
    public async Task Refusals_come_in_their_order(string direction)
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(5));
        var operation = $"{direction}EnhancedMonitoring";
        (await server.CallAsync(operation, new { StreamName = "absent" })).AssertInvalid(
            "Value null at 'shardLevelMetrics' failed to satisfy constraint: Member must not be null");
        (await server.CallAsync(operation, new { StreamName = "absent", ShardLevelMetrics = Array.Empty<string>() })).AssertInvalid(
            "Value '[]' at 'shardLevelMetrics' failed to satisfy constraint: Member must have length greater than or equal to 1");
        var unknown = await server.CallAsync(operation, new { StreamName = "absent", ShardLevelMetrics = new[] { "Latency" } });
        Assert.Contains("\"__type\":\"ValidationException\"", unknown.Text, StringComparison.Ordinal);
        (await server.CallAsync(operation, new { ShardLevelMetrics = new[] { "ALL" } })).AssertInvalidArgument("Either StreamARN or StreamName must be provided.");
        (await server.CallAsync(operation, new { StreamName = "absent", ShardLevelMetrics = new[] { "ALL" } })).AssertNotFound(NotFound("absent"));
        await server.CreateStreamAsync("orders");
        (await server.CallAsync(operation, new { StreamARN = Arn("orders"), ShardLevelMetrics = new[] { "ALL" } })).AssertInUse(NotActive("orders", "CREATING"));
    }

    private static Task<KinesisReply> ChangeAsync(TestServer server, string direction, params string[] metrics) =>
        server.CallAsync($"{direction}EnhancedMonitoring", new { StreamName = "orders", ShardLevelMetrics = metrics });

    private static void AssertChange(JsonElement reply, string before, string after)
    {
        Assert.Equal("orders", reply.GetProperty("StreamName").GetString());
        Assert.Equal(Arn("orders"), reply.GetProperty("StreamARN").GetString());
        Assert.Equal(before, Joined(reply.GetProperty("CurrentShardLevelMetrics")));
        Assert.Equal(after, Joined(reply.GetProperty("DesiredShardLevelMetrics")));
    }

    // What both descriptions say; they say the same.
    private static async Task<string> ShownAsync(TestServer server)
    {
        var described = Joined((await server.DescribeAsync("orders")).GetProperty("EnhancedMonitoring")[0].GetProperty("ShardLevelMetrics"));
        var summary = (await server.CallAsync("DescribeStreamSummary", new { StreamName = "orders" })).Succeeded().GetProperty("StreamDescriptionSummary");
        Assert.Equal(described, Joined(summary.GetProperty("EnhancedMonitoring")[0].GetProperty("ShardLevelMetrics")));
        return described;
    }

    private static string Joined(JsonElement list) => string.Join(',', list.EnumerateArray().Select(item => item.GetString()));
}
