using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Server.Metrics;
using Weir.Server.Metrics.Prometheus;

namespace Weir.Server.Tests.Metrics;

/// <summary>The text format, by small meters of the test's own.</summary>
public sealed class PrometheusTextTests : IDisposable
{
    private readonly ServerMeters _meters = new();
    private readonly MetricCollection _collection;
    private readonly Meter _meter;

    public PrometheusTextTests()
    {
        _collection = new MetricCollection(_meters.Own, (_, _) => true, NullLogger.Instance);
        _meter = _meters.Create(new MeterOptions("Weir.Server"));
    }

    [Fact]
    public async Task A_counter_has_its_unit_and_total_in_its_name_and_its_labels_in_order()
    {
        var counter = _meter.CreateCounter<long>("PutRecord.Bytes", "By", "Bytes that\nPutRecord \\ accepted.");
        counter.Add(3, Tag("StreamName", "b"));
        counter.Add(2, Tag("StreamName", "a"));
        counter.Add(4, Tag("StreamName", "b"));
        Assert.Equal(
            """
            # HELP weir_put_record_bytes_total Bytes that\nPutRecord \\ accepted.
            # TYPE weir_put_record_bytes_total counter
            weir_put_record_bytes_total{stream_name="a"} 2
            weir_put_record_bytes_total{stream_name="b"} 7

            """,
            await WriteAsync(_collection));
    }

    [Fact]
    public async Task A_histogram_is_cumulative_and_its_bounds_belong_below()
    {
        var histogram = _meter.CreateHistogram("weir.time", "s", "Time.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });
        foreach (var value in (double[])[0.25, 0.5, 0.75, 2])
            histogram.Record(value);
        Assert.Equal(
            """
            # HELP weir_time_seconds Time.
            # TYPE weir_time_seconds histogram
            weir_time_seconds_bucket{le="0.5"} 2
            weir_time_seconds_bucket{le="1"} 3
            weir_time_seconds_bucket{le="+Inf"} 4
            weir_time_seconds_sum 3.5
            weir_time_seconds_count 4

            """,
            await WriteAsync(_collection));
    }

    [Fact]
    public async Task Milliseconds_become_seconds()
    {
        var histogram = _meter.CreateHistogram("GetRecords.Latency", "ms", "Time.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [2.5] });
        histogram.Record(1);
        histogram.Record(5);
        Assert.Contains(
            """
            weir_get_records_latency_seconds_bucket{le="0.0025"} 1
            weir_get_records_latency_seconds_bucket{le="+Inf"} 2
            weir_get_records_latency_seconds_sum 0.006
            weir_get_records_latency_seconds_count 2

            """,
            await WriteAsync(_collection),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_are_escaped_and_an_empty_one_is_none()
    {
        _meter.CreateUpDownCounter<int>("level").Add(-2, Tag("a.b-c", "x\"y\\z\nü"), Tag("none", ""));
        Assert.Equal("# TYPE weir_level gauge\nweir_level{a_b_c=\"x\\\"y\\\\z\\nü\"} -2\n", await WriteAsync(_collection));
    }

    [Fact]
    public async Task What_an_instrument_no_longer_tells_is_gone()
    {
        string[] told = ["a", "b"];
        _meter.CreateObservableGauge("told", () => told.Select(name => new Measurement<double>(0.5, Tag("name", name))));
        Assert.Equal("# TYPE weir_told gauge\nweir_told{name=\"a\"} 0.5\nweir_told{name=\"b\"} 0.5\n", await WriteAsync(_collection));
        told = ["b"];
        Assert.Equal("# TYPE weir_told gauge\nweir_told{name=\"b\"} 0.5\n", await WriteAsync(_collection));
    }

    [Fact]
    public async Task An_instrument_that_throws_leaves_the_others_alone()
    {
        _meter.CreateObservableGauge("broken", long () => throw new InvalidOperationException("broken"));
        _meter.CreateObservableGauge("whole", () => 1L);
        Assert.Equal("# TYPE weir_whole gauge\nweir_whole 1\n", await WriteAsync(_collection));
    }

    [Theory]
    [InlineData("Weir.Server", "IncomingBytes", "By", "weir_incoming_bytes_total")]
    [InlineData("Weir.Server", "GetRecords.Latency", "ms", "weir_get_records_latency_seconds_total")]
    [InlineData("Weir.Server.Shards", "IncomingBytes", "By", "weir_shard_incoming_bytes_total")]
    [InlineData("Weir.Log", "weir.log.queue_full", "{append}", "weir_log_queue_full_total")]
    [InlineData("Weir.Server", "GetRecords.IteratorAgeMilliseconds", "ms", "weir_get_records_iterator_age_seconds_total")]
    [InlineData("Weir.Server", "SubscribeToShardEvent.MillisBehindLatest", "ms", "weir_subscribe_to_shard_event_behind_latest_seconds_total")]
    [InlineData("System.Runtime", "dotnet.gc.pause.time", "s", "dotnet_gc_pause_time_seconds_total")]
    public void Names_are_made_by_one_rule(string meter, string name, string unit, string expected) =>
        Assert.Equal(expected, PrometheusName.Of(_meters.Create(new MeterOptions(meter)).CreateCounter<long>(name, unit), MetricKind.Counter));

    public void Dispose()
    {
        _collection.Dispose();
        _meters.Dispose();
    }

    internal static async Task<string> WriteAsync(MetricCollection collection)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await new PrometheusText(pipe.Writer).WriteAsync(collection.Collect(), TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        using var reader = new StreamReader(pipe.Reader.AsStream());
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
