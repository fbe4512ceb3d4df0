using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Server.Metrics;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Metrics;

/// <summary>
/// Metrics by OTLP, to a collector that the test runs itself. Intervals are so long that only the end of a server sends anything. They run
/// alone: that end waits two seconds of real time for the collector, and beside hundreds of busy tests two seconds can be too short.
/// </summary>
[Collection(nameof(ProcessTests))]
public sealed class OtlpExportTests
{
    private const string Server = "Weir.Server";

    // Real time. A stop waits two seconds for a collector; with everything else on a busy machine it takes nowhere near this.
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_measured_is_sent_at_the_latest_when_the_server_stops(bool grpc)
    {
        await using var receiver = await OtlpReceiver.StartAsync(grpc);
        await using (var server = await StartAsync(telemetry: Settings(receiver.Endpoint, grpc, ("OTEL_EXPORTER_OTLP_HEADERS", "x-token=abc"))))
        {
            await server.CreateStreamAsync("orders");
            await server.PutTextAsync("orders", "1234");
            await server.PutTextAsync("orders", "1234");
        }

        Assert.Equal("abc", receiver.Headers!["x-token"]);
        Assert.Equal(grpc ? "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" : "/v1/metrics", receiver.Path);
        Assert.Equal("weir", receiver.Resource["service.name"]);
        var bytes = Assert.Single(receiver.Points(Server, "IncomingBytes"));
        Assert.Equal((10, "By", "orders", Region), (bytes.Value, bytes.Unit, bytes.Tags["StreamName"], bytes.Tags["Region"]));
        Assert.Equal((2, "ms"), (Assert.Single(receiver.Points(Server, "PutRecord.Latency")).Count, receiver.Points(Server, "PutRecord.Latency")[0].Unit));
        Assert.Equal(1, receiver.Points(Server, "weir.server.streams").Single().Value);
        Assert.NotEmpty(receiver.Points("System.Runtime", "dotnet.process.memory.working_set"));
    }

    [Fact]
    public async Task The_services_name_and_the_endpoint_of_metrics_are_settings_too()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = new Uri(receiver.Endpoint, "/mine").AbsoluteUri,
            ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"] = "http/protobuf",
            ["OTEL_SERVICE_NAME"] = "streams-of-tests",
            ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=test",
        };
        await (await StartAsync(telemetry: settings)).DisposeAsync();
        Assert.Equal("/mine", receiver.Path);
        Assert.Equal(("streams-of-tests", "test"), (receiver.Resource["service.name"], receiver.Resource["deployment.environment"]));
    }

    [Fact]
    public async Task Each_server_of_a_process_sends_its_own_numbers()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var other = await StartAsync();
        await other.CreateStreamAsync("orders");
        await using (var server = await StartAsync(telemetry: Settings(receiver.Endpoint, grpc: false)))
        {
            await server.CreateStreamAsync("orders");
            await server.PutTextAsync("orders", "x");
            await other.PutTextAsync("orders", "x");
        }

        Assert.Equal(1, Assert.Single(receiver.Points(Server, "IncomingRecords")).Value);
        Assert.Equal(1, receiver.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_collector_that_hangs_or_is_not_there_disturbs_nothing_and_does_not_hold_up_the_end(bool there)
    {
        await using var hanging = await OtlpReceiver.StartAsync(answers: false);
        var server = await StartAsync(telemetry: Settings(there ? hanging.Endpoint : Nowhere(), grpc: false, ("OTEL_METRIC_EXPORT_INTERVAL", "10")));
        await server.CreateStreamAsync("orders");
        for (var i = 0; i < 50; i++)
            await server.PutTextAsync("orders", "x");
        Assert.Equal(50, (await server.MetricsAsync()).Of("orders", "weir_incoming_records_total"));
        var stop = Stopwatch.StartNew();
        await server.DisposeAsync();
        Assert.InRange(stop.Elapsed, TimeSpan.Zero, LongestStop);
    }

    [Fact]
    public async Task Series_that_have_gone_are_no_longer_sent_once_there_were_many()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var meters = new ServerMeters();
        var counter = meters.Create(new MeterOptions(Server)).CreateCounter<long>("test.count");
        await using (var export = new OtlpExport(Settings(receiver.Endpoint, grpc: false), meters, NullLogger.Instance))
        {
            counter.Add(1, new KeyValuePair<string, object?>("StreamName", "deleted"));
            export.Forgot(1);
            Assert.Equal(0, receiver.Count);
            export.Forgot(5000);
            // The old one says its last when the new one is there.
            await UntilAsync("the SDK was begun anew", () => receiver.Count > 0);
            Assert.Equal("deleted", Assert.Single(receiver.Points(Server, "test.count")).Tags["StreamName"]);
            counter.Add(2, new KeyValuePair<string, object?>("StreamName", "kept"));
        }

        var kept = Assert.Single(receiver.Points(Server, "test.count"));
        Assert.Equal(("kept", 2), (kept.Tags["StreamName"], kept.Value));
    }

    [Theory]
    [InlineData("OTEL_SERVICE_NAME", "x", "OpenTelemetry is set, but has neither OTEL_EXPORTER_OTLP_ENDPOINT nor OTEL_EXPORTER_OTLP_METRICS_ENDPOINT.")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4318'; it must be an http or https URL.")]
    public async Task Settings_that_lead_nowhere_end_the_start(string name, string value, string message) => Assert.Equal(
        message,
        (await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(telemetry: new Dictionary<string, string> { [name] = value }))).Message);

    private static Dictionary<string, string> Settings(Uri endpoint, bool grpc, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint.AbsoluteUri,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = grpc ? "grpc" : "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "3600000",
        };
        foreach (var (name, value) in more)
            settings[name] = value;
        return settings;
    }

    private static Uri Nowhere()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new UriBuilder("http", "127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port).Uri;
    }
}
