using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Server.Metrics;
using Weir.Streams;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Metrics;

/// <summary>A series lives as long as what it is about, and belongs to one server.</summary>
public sealed class SeriesLifeTests
{
    [Fact]
    public async Task A_deleted_streams_series_are_gone_and_a_new_stream_of_the_name_has_its_own()
    {
        await using var server = await StartAsync();
        foreach (var name in (string[])["kept", "orders"])
        {
            await server.CreateStreamAsync(name);
            await server.PutTextAsync(name, "x");
            await server.ReadAsync(await server.IteratorAsync(name));
        }

        Assert.Contains("orders", (await server.MetricsAsync()).Text, StringComparison.Ordinal);
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        await UntilAsync("orders is gone", async () => !(await server.CallAsync("ListStreams", new { })).Text.Contains("orders", StringComparison.Ordinal));
        var without = await server.MetricsAsync();
        Assert.DoesNotContain("orders", without.Text, StringComparison.Ordinal);
        Assert.Equal((1, 1), (without.Of("kept", "weir_incoming_records_total"), without.Of("kept", "weir_get_records_records_total")));

        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "x");
        Assert.Equal(1, (await server.MetricsAsync()).Of("orders", "weir_incoming_records_total"));
    }

    [Fact]
    public async Task Two_servers_of_one_process_count_for_themselves()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await first.CreateStreamAsync("orders");
        await second.CreateStreamAsync("orders");
        await first.PutTextAsync("orders", "x");
        Assert.Equal(1, (await first.MetricsAsync()).Of("orders", "weir_incoming_records_total"));
        var other = await second.MetricsAsync();
        Assert.Null(other.Find("weir_incoming_records_total", "stream_name=\"orders\""));
        Assert.Equal((1, 1), (other.Find("weir_server_connections"), other.Find("weir_server_streams", "status=\"ACTIVE\"")));
        await first.DisposeAsync();
        await second.PutTextAsync("orders", "x");
        Assert.Equal(1, (await second.MetricsAsync()).Of("orders", "weir_incoming_records_total"));
    }

    [Fact]
    public async Task A_stopped_server_ends_its_instruments()
    {
        using var listener = new MeterListener();
        var open = new HashSet<Instrument>();
        var server = await StartAsync();
        listener.InstrumentPublished = (instrument, events) =>
        {
            if (server.Server.Meters.Own(instrument) && open.Add(instrument))
                events.EnableMeasurementEvents(instrument);
        };
        listener.MeasurementsCompleted = (instrument, _) => open.Remove(instrument);
        listener.Start();
        Assert.NotEmpty(open);
        await server.DisposeAsync();
        Assert.Empty(open);
    }

    [Fact]
    public void Ten_thousand_streams_that_came_and_went_leave_no_series_although_nobody_looked()
    {
        using var meters = new ServerMeters();
        var alive = "";
        using var collection = new MetricCollection(meters.Own, (_, tags) => tags.Find("StreamName") is not { } name || name == Volatile.Read(ref alive), NullLogger.Instance);
        var counter = meters.Create(new MeterOptions("test")).CreateCounter<long>("count");
        var most = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var name = $"stream-{i}";
            Volatile.Write(ref alive, name);
            counter.Add(1, new KeyValuePair<string, object?>("StreamName", name));
            most = Math.Max(most, collection.SeriesCount);
        }

        Assert.InRange(most, 2, 1001);
        Assert.Equal(1, Assert.Single(collection.Collect()).Count);
    }

    [Fact]
    public async Task Measuring_allocates_nothing_even_by_shard()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await ShardLevelMetricsTests.SwitchAsync(server, "orders", ShardMetrics.All);
        var engine = server.Server.Engine;
        var stream = engine.Streams.Find(new Model.StreamName(Account, Region, "orders"))!.Current;
        var shard = stream.Shards.All[0];
        using var meters = new ServerMeters();
        using var collection = new MetricCollection(meters.Own, (_, _) => true, NullLogger.Instance);
        var metrics = new ServerMetrics(meters, engine, Account);
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        using var outcomes = PutOutcomes.Rent(3);
        using var request = PutRequest.Rent();
        request.Load(new PutRecordsRequest { Records = [Entry(), Entry(), Entry()], StreamName = "orders" });
        foreach (ref var outcome in outcomes.All)
            outcome = new PutOutcome { Status = PutStatus.Accepted, Shard = shard };
        outcomes.All[2].Status = PutStatus.Throttled;
        var one = outcomes.All[0];
        void Measure()
        {
            var began = metrics.Requests.Begin();
            metrics.Streams.PutRecord(stream, one, 10);
            metrics.Streams.PutRecords(stream, request, outcomes);
            metrics.Streams.GetRecords(stream, shard, records: 1, bytes: 10, ageMilliseconds: 5);
            metrics.Streams.ReadThrottled(stream, shard);
            metrics.Consumers.EventSent(stream, shard, "reader", records: 1, bytes: 10, millisBehindLatest: 5);
            metrics.Requests.End(KinesisOperation.PutRecord, http.Response, began, answered: true);
        }

        for (var i = 0; i < 100; i++)
            Measure();
        var least = long.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Measure();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Contains(collection.Collect(), instrument => instrument.Instrument.Meter.Name == ShardLevelMetrics.MeterName && instrument.Count > 0);
    }

    private static PutRecordsRequestEntry Entry() => new() { Data = "x"u8.ToArray(), PartitionKey = "k" };
}
