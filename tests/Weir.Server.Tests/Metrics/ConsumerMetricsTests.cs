using Microsoft.Extensions.Logging.Abstractions;
using Weir.Server.Metrics;
using Weir.Server.Tests.Http;

namespace Weir.Server.Tests.Metrics;

/// <summary>The metrics of enhanced fan-out, each with the consumer's name.</summary>
public sealed class ConsumerMetricsTests
{
    private const string OfReader = ",consumer_name=\"reader\"";

    [Fact]
    public async Task A_subscription_counts_its_calls_refusals_and_events()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        using var meters = new ServerMeters();
        using var collection = new MetricCollection(meters.Own, new SeriesLife(endpoint.Engine, TestServer.Account).Lives, NullLogger.Instance);
        var metrics = new ServerMetrics(meters, endpoint.Engine, TestServer.Account);
        await endpoint.AnswerAsync("CreateStream", """{"StreamName":"orders","ShardCount":1}""");
        await endpoint.AnswerAsync("RegisterStreamConsumer", $$"""{"StreamARN":"{{TestServer.Arn("orders")}}","ConsumerName":"reader"}""");
        var stream = endpoint.Engine.Streams.Find(new Model.StreamName(TestServer.Account, TestServer.Region, "orders"))!;
        Assert.NotNull(stream.Current.Consumers.Find("reader"));
        metrics.Consumers.Subscribed(stream.Name, "reader");
        metrics.Consumers.RateExceeded(stream.Name, "reader");
        metrics.Consumers.EventSent(stream.Current, stream.Current.Shards.All[0], "reader", records: 3, bytes: 100, millisBehindLatest: 2000);
        metrics.Consumers.EventSent(stream.Current, stream.Current.Shards.All[0], "reader", records: 0, bytes: 0, millisBehindLatest: 0);

        var open = await TextOf(collection);
        Assert.Equal(
            (1, 1, 2, 100, 3, 1),
            (open.Of("orders", "weir_subscribe_to_shard_success_total", OfReader), open.Of("orders", "weir_subscribe_to_shard_rate_exceeded_total", OfReader),
             open.Of("orders", "weir_subscribe_to_shard_event_success_total", OfReader), open.Of("orders", "weir_subscribe_to_shard_event_bytes_total", OfReader),
             open.Of("orders", "weir_subscribe_to_shard_event_records_total", OfReader), open.Find("weir_server_subscriptions")));
        Assert.Equal((2, 1, 2), open.Distribution("orders", "weir_subscribe_to_shard_event_behind_latest_seconds", 1, OfReader));

        metrics.Consumers.Ended();
        await endpoint.AnswerAsync("DeregisterStreamConsumer", $$"""{"StreamARN":"{{TestServer.Arn("orders")}}","ConsumerName":"reader"}""");
        var closed = await TextOf(collection);
        Assert.Equal(0, closed.Find("weir_server_subscriptions"));
        Assert.DoesNotContain("reader", closed.Text, StringComparison.Ordinal);
    }

    private static async Task<MetricsText> TextOf(MetricCollection collection) => MetricsText.Parse(await PrometheusTextTests.WriteAsync(collection));
}
