using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Metrics;

/// <summary>Each stream-level metric of the specification, made to happen by requests and read where an operator reads it.</summary>
public sealed class StreamMetricsTests
{
    [Fact]
    public async Task A_PutRecord_counts_its_bytes_with_the_key_its_success_and_its_time()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await server.PutAsync("orders", "12345", key: "key")).Succeeded();
        (await server.PutAsync("orders", "1", key: "k")).Succeeded();
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (10, 2, 10, 2, 2),
            (metrics.Of("orders", "weir_incoming_bytes_total"), metrics.Of("orders", "weir_incoming_records_total"),
             metrics.Of("orders", "weir_put_record_bytes_total"), metrics.Of("orders", "weir_put_record_success_total"),
             metrics.Of("orders", "weir_put_record_latency_seconds_count")));
        Assert.Equal(0, metrics.Of("orders", "weir_put_records_bytes_total"));
    }

    [Fact]
    public async Task A_call_that_is_refused_is_timed_and_no_success()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await server.PutAsync("orders", new string('x', 2_000_000))).Status);
        (await server.PutAsync("orders", "x")).Succeeded();
        (await server.PutAsync("no-such-stream", "x")).AssertNotFound(NotFound("no-such-stream"));
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (1, 2), (metrics.Of("orders", "weir_put_record_success_total"), metrics.Of("orders", "weir_put_record_latency_seconds_count")));
        Assert.DoesNotContain("no-such-stream", metrics.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_PutRecords_counts_its_records_by_what_became_of_them()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders", shards: 2);
        // Two of 600 kB to one shard: its rate lets one in.
        (await PutRecordsAsync(server, "orders", (600_000, "0"), (600_000, "0"), (10, MaxHashKey))).Succeeded();
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (3, 2, 1, 0, 2, 1),
            (metrics.Of("orders", "weir_put_records_total_records_total"), metrics.Of("orders", "weir_put_records_successful_records_total"),
             metrics.Of("orders", "weir_put_records_throttled_records_total"), metrics.Of("orders", "weir_put_records_failed_records_total"),
             metrics.Of("orders", "weir_put_records_records_total"), metrics.Of("orders", "weir_put_records_success_total")));
        Assert.Equal(
            (600_012, 600_012, 2, 1, 1),
            (metrics.Of("orders", "weir_put_records_bytes_total"), metrics.Of("orders", "weir_incoming_bytes_total"),
             metrics.Of("orders", "weir_incoming_records_total"), metrics.Of("orders", "weir_write_provisioned_throughput_exceeded_total"),
             metrics.Of("orders", "weir_put_records_latency_seconds_count")));
    }

    [Fact]
    public async Task A_PutRecords_of_which_nothing_was_taken_is_no_success()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        (await PutRecordsAsync(server, "orders", (1_000_000, "0"))).Succeeded();
        (await PutRecordsAsync(server, "orders", (1_000_000, "0"))).Succeeded();
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (1, 2, 2, 1),
            (metrics.Of("orders", "weir_put_records_success_total"), metrics.Of("orders", "weir_put_records_latency_seconds_count"),
             metrics.Of("orders", "weir_put_records_total_records_total"), metrics.Of("orders", "weir_put_records_throttled_records_total")));
    }

    [Fact]
    public async Task Records_that_find_no_room_have_failed()
    {
        await using var server = await StartAsync(memoryBytes: 1024);
        await server.CreateStreamAsync("orders");
        (await PutRecordsAsync(server, "orders", (2000, "0"), (2000, "1"))).Succeeded();
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (2, 2, 0, 0),
            (metrics.Of("orders", "weir_put_records_total_records_total"), metrics.Of("orders", "weir_put_records_failed_records_total"),
             metrics.Of("orders", "weir_put_records_success_total"), metrics.Of("orders", "weir_incoming_records_total")));
    }

    [Fact]
    public async Task A_PutRecord_that_is_throttled_counts_as_one_record()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        (await server.PutAsync("orders", new string('x', 1_000_000))).Succeeded();
        (await server.PutAsync("orders", new string('x', 1_000_000))).AssertThrottled("orders", 0);
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (1, 1, 2),
            (metrics.Of("orders", "weir_write_provisioned_throughput_exceeded_total"), metrics.Of("orders", "weir_put_record_success_total"),
             metrics.Of("orders", "weir_put_record_latency_seconds_count")));
    }

    [Fact]
    public async Task A_GetRecords_counts_what_it_gave_and_how_old_the_last_of_it_was()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var iterator = await server.IteratorAsync("orders");
        await server.PutTextAsync("orders", "123");
        server.Time.Advance(TimeSpan.FromSeconds(10));
        await server.PutTextAsync("orders", "4567");
        server.Time.Advance(TimeSpan.FromSeconds(20));
        var first = await server.ReadAsync(iterator, limit: 1);
        await server.ReadAsync(first.Next!);
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (9, 2, 2, 2),
            (metrics.Of("orders", "weir_get_records_bytes_total"), metrics.Of("orders", "weir_get_records_records_total"),
             metrics.Of("orders", "weir_get_records_success_total"), metrics.Of("orders", "weir_get_records_latency_seconds_count")));
        // 30 s after the first of two records, 0 with the last.
        Assert.Equal((2, 1, 30), metrics.Distribution("orders", "weir_get_records_iterator_age_seconds", 15));
        Assert.Equal((2, 2, 30), metrics.Distribution("orders", "weir_get_records_iterator_age_seconds", 60));
        Assert.Equal((2, 1, 30), metrics.Distribution("orders", "weir_get_records_iterator_age_seconds", 0));
    }

    [Fact]
    public async Task A_GetRecords_that_is_throttled_counts_as_one_call()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        var iterator = await server.IteratorAsync("orders");
        for (var i = 0; i < Model.KinesisLimits.ShardReadsPerSecond; i++)
            await server.ReadAsync(iterator);
        (await server.GetRecordsAsync(iterator)).AssertThrottled("orders", 0);
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (1, 5, 6),
            (metrics.Of("orders", "weir_read_provisioned_throughput_exceeded_total"), metrics.Of("orders", "weir_get_records_success_total"),
             metrics.Of("orders", "weir_get_records_latency_seconds_count")));
    }

    [Fact]
    public async Task Streams_of_one_name_in_two_regions_are_two_series()
    {
        await using var server = await StartAsync();
        foreach (var region in (string[])[Region, "eu-west-1"])
            (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1 }, region)).Succeeded();
        (await server.PutAsync("orders", "here")).Succeeded();
        var metrics = await server.MetricsAsync();
        Assert.Equal(1, metrics.Of("orders", "weir_incoming_records_total"));
        Assert.Null(metrics.Find("weir_incoming_records_total", """stream_name="orders",region="eu-west-1" """.Trim()));
        (await server.CallAsync("PutRecord", new { StreamName = "orders", Data = Bytes("there"), PartitionKey = "k" }, "eu-west-1")).Succeeded();
        Assert.Equal(1, (await server.MetricsAsync()).Find("weir_incoming_records_total", """stream_name="orders",region="eu-west-1" """.Trim()));
    }

    internal static Task<KinesisReply> PutRecordsAsync(TestServer server, string stream, params (int Bytes, string HashKey)[] records) =>
        server.CallAsync("PutRecords", new
        {
            StreamName = stream,
            Records = records.Select(record => new { Data = new byte[record.Bytes], PartitionKey = "k", ExplicitHashKey = record.HashKey }),
        });
}
