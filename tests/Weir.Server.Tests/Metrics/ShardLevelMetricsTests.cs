using Weir.Streams;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Metrics;

/// <summary>Each shard-level metric of the specification, switched on, made to happen, read, and switched off again.</summary>
public sealed class ShardLevelMetricsTests
{
    private const string Shard0 = ",shard_id=\"shardId-000000000000\"";
    private const string Shard1 = ",shard_id=\"shardId-000000000001\"";

    [Fact]
    public async Task Every_shard_level_metric_counts_what_happens_to_its_shard()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders", shards: 2);
        await SwitchAsync(server, "orders", ShardMetrics.All);
        var iterator = await server.IteratorAsync("orders");
        (await StreamMetricsTests.PutRecordsAsync(server, "orders", (600_000, "0"), (600_000, "0"), (9, MaxHashKey), (9, MaxHashKey))).Succeeded();
        (await server.PutAsync("orders", "abc", explicitHashKey: MaxHashKey)).Succeeded();
        server.Time.Advance(TimeSpan.FromSeconds(30));
        (await server.PutAsync("orders", "12345", explicitHashKey: "0")).Succeeded();
        // The fourth takes more than the 2 MiB of a second.
        for (var i = 0; i < 4; i++)
            await server.ReadAsync(iterator, limit: 1);
        (await server.GetRecordsAsync(iterator)).AssertThrottled("orders", 0);

        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (600_007, 2, 1, 1),
            (metrics.Of("orders", "weir_shard_incoming_bytes_total", Shard0), metrics.Of("orders", "weir_shard_incoming_records_total", Shard0),
             metrics.Of("orders", "weir_shard_write_provisioned_throughput_exceeded_total", Shard0),
             metrics.Of("orders", "weir_shard_read_provisioned_throughput_exceeded_total", Shard0)));
        Assert.Equal(
            (24, 3, 0, 0),
            (metrics.Of("orders", "weir_shard_incoming_bytes_total", Shard1), metrics.Of("orders", "weir_shard_incoming_records_total", Shard1),
             metrics.Of("orders", "weir_shard_write_provisioned_throughput_exceeded_total", Shard1),
             metrics.Of("orders", "weir_shard_read_provisioned_throughput_exceeded_total", Shard1)));
        Assert.Equal(
            (4 * 600_001, 4),
            (metrics.Of("orders", "weir_shard_outgoing_bytes_total", Shard0), metrics.Of("orders", "weir_shard_outgoing_records_total", Shard0)));
        Assert.Equal((4, 0, 4 * 30), metrics.Distribution("orders", "weir_shard_iterator_age_seconds", 10, Shard0));
        // The stream's own numbers have everything, once.
        Assert.Equal((600_031, 5), (metrics.Of("orders", "weir_incoming_bytes_total"), metrics.Of("orders", "weir_incoming_records_total")));
    }

    [Fact]
    public async Task Nothing_is_measured_by_shard_unless_it_is_switched_on()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "x");
        await server.ReadAsync(await server.IteratorAsync("orders"));
        Assert.DoesNotContain("weir_shard_", (await server.MetricsAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_metric_alone_can_be_on_and_a_switch_works_at_once_in_both_directions()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await SwitchAsync(server, "orders", ShardMetrics.OutgoingRecords | ShardMetrics.IncomingRecords);
        await server.PutTextAsync("orders", "x");
        await server.ReadAsync(await server.IteratorAsync("orders"));
        var both = await server.MetricsAsync();
        Assert.Equal(
            ["weir_shard_incoming_records_total", "weir_shard_outgoing_records_total"],
            both.Families.Select(family => family.Name).Where(name => name.StartsWith("weir_shard_", StringComparison.Ordinal)));

        await SwitchAsync(server, "orders", ShardMetrics.OutgoingRecords);
        await server.PutTextAsync("orders", "x");
        var one = await server.MetricsAsync();
        Assert.Null(one.Find("weir_shard_incoming_records_total", $"stream_name=\"orders\"{Shard0}"));
        Assert.Equal(1, one.Of("orders", "weir_shard_outgoing_records_total", Shard0));
    }

    [Fact]
    public async Task Records_are_counted_on_the_shard_that_took_them_after_a_split_and_an_expired_shard_is_gone()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await SwitchAsync(server, "orders", ShardMetrics.IncomingRecords);
        await server.PutTextAsync("orders", "parent");
        (await server.SplitAsync("orders", 0)).Succeeded();
        await server.UntilStatusAsync("orders", "ACTIVE");
        await server.PutTextAsync("orders", "child", explicitHashKey: "0");
        var metrics = await server.MetricsAsync();
        Assert.Equal((1, 1), (metrics.Of("orders", "weir_shard_incoming_records_total", Shard0), metrics.Of("orders", "weir_shard_incoming_records_total", Shard1)));

        server.Time.Advance(TimeSpan.FromHours(25));
        await server.Server.Engine.SweepRetentionAsync(TestContext.Current.CancellationToken);
        var later = await server.MetricsAsync();
        Assert.Null(later.Find("weir_shard_incoming_records_total", $"stream_name=\"orders\"{Shard0}"));
        Assert.Equal(1, later.Of("orders", "weir_shard_incoming_records_total", Shard1));
    }

    internal static async Task SwitchAsync(TestServer server, string stream, ShardMetrics metrics)
    {
        (await server.CallAsync("DisableEnhancedMonitoring", new { StreamName = stream, ShardLevelMetrics = new[] { "ALL" } })).Succeeded();
        if (metrics != ShardMetrics.None)
            (await server.CallAsync("EnableEnhancedMonitoring", new { StreamName = stream, ShardLevelMetrics = metrics.ToString().Split(", ").Select(name => name == "All" ? "ALL" : name) })).Succeeded();
    }
}
