using System.Diagnostics;
using System.Net;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>What emulators of the service are known to get wrong about subscriptions, each as a fact about this one.</summary>
public sealed class EmulatorTrapFanOutTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const string ArnPrefix = "arn:aws:kinesis:us-east-1:000000000000:stream/";

    // A client's clock and the server's meet in the middle of a request, so the five seconds are a little less here.
    private static readonly TimeSpan FiveSeconds = TimeSpan.FromSeconds(4.9);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Trap(2)]
    [Fact]
    public async Task The_first_frame_is_the_initial_response()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var consumer = await RegisterAsync(http, "first-frame");
        using var frames = await EventFrames.SubscribeAsync(fixture.Endpoint, Subscription(consumer));
        Assert.Equal((HttpStatusCode.OK, "application/vnd.amazon.eventstream"), (frames.Status, frames.ContentType));
        var (headers, payload) = (await frames.NextAsync())!.Value;
        Assert.Equal(("event", "initial-response"), (headers[":message-type"], headers[":event-type"]));
        Assert.Equal("{}", payload.ToString());
        Assert.Equal("SubscribeToShardEvent", (await frames.NextAsync())!.Value.Headers[":event-type"]);
    }

    [Trap(3)]
    [Fact]
    public async Task What_is_known_to_be_wrong_before_the_first_frame_is_a_plain_refusal()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var consumer = await RegisterAsync(http, "plain-refusal");
        (await http.CallAsync("SubscribeToShard", Subscription(consumer, shard: 7))).AssertRefused(
            "ResourceNotFoundException", "Shard shardId-000000000007 in stream plain-refusal under account 000000000000 does not exist");
        (await http.CallAsync("SubscribeToShard", Subscription(consumer + "1"))).AssertRefused(
            "ResourceNotFoundException", "Consumer reader, account 000000000000 not found.");
    }

    [Trap(10)]
    [Fact]
    public async Task A_subscription_is_taken_over_after_five_seconds_and_not_before()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var consumer = await RegisterAsync(http, "taken-over");
        var begin = Stopwatch.GetTimestamp();
        using var earlier = await EventFrames.SubscribeAsync(fixture.Endpoint, Subscription(consumer));
        (await http.CallAsync("SubscribeToShard", Subscription(consumer))).AssertRefused(
            "ResourceInUseException", "Another active subscription exists for this consumer: 000000000000:taken-over:shardId-000000000000:reader");

        using var later = await Polling.UntilAsync("the shard can be subscribed again", Patience, async () =>
        {
            var attempt = await EventFrames.SubscribeAsync(fixture.Endpoint, Subscription(consumer));
            if (attempt.Status == HttpStatusCode.OK)
                return attempt;
            Assert.Contains((await attempt.RefusalAsync()).GetProperty("__type").GetString(), new[] { "ResourceInUseException", "LimitExceededException" });
            attempt.Dispose();
            return null;
        });
        Assert.InRange(Stopwatch.GetElapsedTime(begin), FiveSeconds, Patience);

        // An idle shard has said so meanwhile, and the last word to the earlier one is why it ends.
        Assert.Equal("initial-response", (await earlier.NextAsync())!.Value.Headers[":event-type"]);
        var headers = new List<Dictionary<string, string>>();
        while (await earlier.NextAsync() is { } frame)
            headers.Add(frame.Headers);
        Assert.Contains(headers, header => header.GetValueOrDefault(":event-type") == "SubscribeToShardEvent");
        Assert.Equal("ResourceInUseException", headers[^1].GetValueOrDefault(":exception-type"));
    }

    private static async Task<string> RegisterAsync(KinesisHttp http, string stream)
    {
        await http.CreateStreamAsync(stream);
        await http.PutAsync(stream, "k", [1]);
        var consumer = (await http.CallAsync("RegisterStreamConsumer", new { StreamARN = ArnPrefix + stream, ConsumerName = "reader" })).Succeeded().Json.GetProperty("Consumer");
        var arn = consumer.GetProperty("ConsumerARN").GetString()!;
        await Polling.UntilAsync<object>("the consumer is ACTIVE", Patience, async () =>
            (await http.CallAsync("DescribeStreamConsumer", new { ConsumerARN = arn })).Succeeded().Text.Contains("\"ACTIVE\"", StringComparison.Ordinal) ? http : null);
        return arn;
    }

    private static object Subscription(string consumer, int shard = 0) => new { ConsumerARN = consumer, ShardId = $"shardId-{shard:d12}", StartingPosition = new { Type = "TRIM_HORIZON" } };
}
