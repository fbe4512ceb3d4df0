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

    [Fact]
    public async Task Real_subscriptions_are_counted_with_their_events_and_refusals()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateStreamAsync("orders");
        var consumer = await server.RegisterAsync("orders");
        await server.PutTextAsync("orders", "four");
        using (var events = await server.SubscribeAsync(consumer))
        {
            Assert.Equal(["four"], (await events.EventAsync()).Texts);
            Assert.False((await server.RefusedAsync(FanOut.Request(consumer, 0))).Text.Contains("Internal", StringComparison.Ordinal));
            server.Time.Advance(TimeSpan.FromSeconds(5));
            Assert.Empty((await events.EventAsync()).Records);
            // An event is counted when it has been handed over, which its reader may see first.
            await TestServer.UntilAsync("both events are counted", async () => (await server.MetricsAsync()).Of("orders", "weir_subscribe_to_shard_event_success_total", OfReader) == 2);
            var open = await server.MetricsAsync();
            Assert.Equal(
                (1, 1, 5, 1, 1),
                (open.Of("orders", "weir_subscribe_to_shard_success_total", OfReader), open.Of("orders", "weir_subscribe_to_shard_rate_exceeded_total", OfReader),
                 open.Of("orders", "weir_subscribe_to_shard_event_bytes_total", OfReader), open.Of("orders", "weir_subscribe_to_shard_event_records_total", OfReader),
                 open.Find("weir_server_subscriptions")));
        }

        await TestServer.UntilAsync("the subscription is over", async () => (await server.MetricsAsync()).Find("weir_server_subscriptions") == 0);
    }

    private static async Task<MetricsText> TextOf(MetricCollection collection) => MetricsText.Parse(await PrometheusTextTests.WriteAsync(collection));
}
