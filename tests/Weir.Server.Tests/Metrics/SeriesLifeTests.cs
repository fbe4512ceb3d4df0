using Microsoft.Extensions.Logging.Abstractions;
using Weir.Server.Metrics;
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
        Assert.Null(other.Find("weir_incoming_records_total", "StreamName=\"orders\""));
        Assert.Equal((1, 1), (other.Find("weir_server_connections"), other.Find("weir_server_streams", "Status=\"ACTIVE\"")));
        await first.DisposeAsync();
        await second.PutTextAsync("orders", "x");
        Assert.Equal(1, (await second.MetricsAsync()).Of("orders", "weir_incoming_records_total"));
    }

    [Fact]
    public async Task A_stopped_server_ends_its_instruments()
    {
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        var ended = 0;
        var mine = new List<System.Diagnostics.Metrics.Instrument>();
        var server = await StartAsync();
        listener.InstrumentPublished = (instrument, events) =>
        {
            // Other tests run servers as well; this one's are told by the engine behind an instrument that is asked.
            if (instrument.Meter.Name == StreamMetrics.MeterName)
            {
                mine.Add(instrument);
                events.EnableMeasurementEvents(instrument, instrument.Meter);
            }
        };
        listener.MeasurementsCompleted = (_, _) => Interlocked.Increment(ref ended);
        listener.Start();
        Assert.NotEmpty(mine);
        await server.DisposeAsync();
        Assert.True(ended > 20, $"{ended} instruments ended.");
    }

    [Fact]
    public void Ten_thousand_streams_that_came_and_went_leave_no_series_although_nobody_looked()
    {
        using var meters = new ServerMeters();
        var alive = "";
        using var collection = new MetricCollection(meters.Own, (_, tags) => tags.Find("StreamName") is not { } name || name == Volatile.Read(ref alive), NullLogger.Instance);
        var counter = meters.Create(new System.Diagnostics.Metrics.MeterOptions("test")).CreateCounter<long>("count");
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
    public void Measuring_allocates_nothing()
    {
        using var meters = new ServerMeters();
        using var collection = new MetricCollection(meters.Own, (_, _) => true, NullLogger.Instance);
        var meter = meters.Create(new System.Diagnostics.Metrics.MeterOptions("test"));
        var counter = meter.CreateCounter<long>("count");
        var histogram = meter.CreateHistogram<double>("time");
        var stream = new Model.StreamName(Account, Region, "orders");
        void Measure()
        {
            var tags = SeriesTags.OfStream(stream, Account);
            counter.Add(1, tags);
            histogram.Record(0.5, tags);
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
    }
}
