using System.Net;
using System.Text.Json;
using Weir.Model;
using Weir.Protocol.EventStream;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>The event stream of a subscription over both versions of HTTP, in virtual time (spec sections 7.6 and 8).</summary>
public sealed class SubscribeToShardTests
{
    public static TheoryData<string> Versions => new("1.1", "2.0");

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_initial_response_comes_at_once_and_records_as_they_are_put(string version)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var consumer = await server.RegisterAsync("orders");
        using var events = await server.SubscribeAsync(consumer, type: "LATEST", version: new Version(version));
        Assert.Equal(version, events.Response.Version.ToString());
        Assert.Equal("application/vnd.amazon.eventstream", events.Response.Content.Headers.ContentType?.ToString());
        Assert.Null(events.Response.Content.Headers.ContentLength);
        Assert.True(events.Response.Headers.Contains("x-amzn-RequestId") && events.Response.Headers.Contains("x-amz-id-2"));
        for (var i = 0; i < 5; i++)
        {
            var number = await server.PutTextAsync("orders", $"{i}");
            var seen = await events.EventAsync();
            Assert.Equal([$"{i}"], seen.Texts);
            Assert.Equal(number, seen.Records[0].GetProperty("SequenceNumber").GetString());
            Assert.Equal(["ApproximateArrivalTimestamp", "Data", "PartitionKey", "SequenceNumber"], seen.Records[0].EnumerateObject().Select(member => member.Name).Order());
            Assert.Equal((0, null), (seen.MillisBehindLatest, seen.Children));
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task After_five_minutes_of_events_the_answer_ends_cleanly(string version)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        using var events = await server.SubscribeAsync(await server.RegisterAsync("orders"), version: new Version(version));
        for (var seconds = 5; seconds < 300; seconds += 5)
        {
            server.Time.Advance(TimeSpan.FromSeconds(5));
            Assert.Empty((await events.EventAsync()).Records);
        }

        server.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await events.NextAsync());
    }

    [Fact]
    public async Task Each_starting_position_begins_where_it_says()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var numbers = new List<string>();
        var times = new List<double>();
        foreach (var text in new[] { "a", "b", "c" })
        {
            times.Add(server.Now);
            numbers.Add(await server.PutTextAsync("orders", text));
            server.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        await ExpectAsync("TRIM_HORIZON", ["a", "b", "c"]);
        await ExpectAsync("AT_SEQUENCE_NUMBER", ["b", "c"], number: numbers[1]);
        await ExpectAsync("AFTER_SEQUENCE_NUMBER", ["c"], number: numbers[1]);
        await ExpectAsync("AT_TIMESTAMP", ["b", "c"], timestamp: times[1]);
        await ExpectAsync("AT_TIMESTAMP", ["c"], timestamp: times[1] + 0.001);
        using var latest = await server.SubscribeAsync(await server.RegisterAsync("orders", "latest"), type: "LATEST");
        await server.PutTextAsync("orders", "d");
        Assert.Equal(["d"], (await latest.EventAsync()).Texts);

        async Task ExpectAsync(string type, string[] texts, string? number = null, double? timestamp = null)
        {
            var consumer = await server.RegisterAsync("orders", $"{type}-{texts.Length}");
            using var events = await server.SubscribeAsync(consumer, 0, type, number, timestamp);
            Assert.Equal(texts, (await events.EventAsync()).Texts);
        }
    }

    [Fact]
    public async Task A_continuation_goes_on_with_AT_and_AFTER_alike_for_subscriptions_and_for_iterators()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "a");
        using var events = await server.SubscribeAsync(await server.RegisterAsync("orders"));
        var continuation = (await events.EventAsync()).Continuation;
        await server.PutTextAsync("orders", "b");
        foreach (var type in new[] { "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER" })
        {
            using var again = await server.SubscribeAsync(await server.RegisterAsync("orders", type), type: type, number: continuation);
            Assert.Equal(["b"], (await again.EventAsync()).Texts);
            Assert.Equal(["b"], (await server.ReadAsync(await server.IteratorAsync("orders", type: type, number: continuation))).Texts);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_later_call_takes_over_and_the_older_answer_ends_with_an_exception(string version)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var consumer = await server.RegisterAsync("orders");
        using var first = await server.SubscribeAsync(consumer, version: new Version(version));
        (await server.RefusedAsync(FanOut.Request(consumer, 0))).AssertInUse(AnotherActive);
        server.Time.Advance(KinesisLimits.ResubscribeInterval);
        await first.EventAsync();
        using var second = await server.SubscribeAsync(consumer, version: new Version(version));
        Assert.Equal(("ResourceInUseException", AnotherActive), await first.ExceptionAsync());
        await server.PutTextAsync("orders", "goes to the second");
        Assert.Equal(["goes to the second"], (await second.EventAsync()).Texts);
    }

    [Fact]
    public async Task A_client_that_has_gone_keeps_others_out_for_five_seconds_all_the_same()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var consumer = await server.RegisterAsync("orders");
        (await server.SubscribeAsync(consumer)).Dispose();
        server.Time.Advance(TimeSpan.FromSeconds(4.999));
        (await server.RefusedAsync(FanOut.Request(consumer, 0))).AssertInUse(AnotherActive);
        server.Time.Advance(TimeSpan.FromSeconds(0.001));
        using var again = await server.SubscribeAsync(consumer);
    }

    [Fact]
    public async Task A_subscription_through_a_split_to_the_children_loses_nothing()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var consumer = await server.RegisterAsync("orders");
        using var events = await server.SubscribeAsync(consumer);
        var put = new List<string>();
        var seen = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            if (i == 20)
                (await server.SplitAsync("orders", 0)).Succeeded();
            put.Add($"{i}");
            await server.PutTextAsync("orders", put[^1], explicitHashKey: i % 2 == 0 ? "0" : MaxHashKey);
        }

        ShardEvent last;
        do
        {
            seen.AddRange((last = await events.EventAsync()).Texts);
            Assert.Equal(last.Continuation is null, last.Children is not null);
        }
        while (last.Children is null);
        Assert.Null(await events.NextAsync());
        Assert.Equal(put[..20], seen);
        Assert.Equal([ShardId(1), ShardId(2)], last.Children!.Select(child => child.GetProperty("ShardId").GetString()));
        Assert.All(last.Children!, child => Assert.Equal(ShardId(0), child.GetProperty("ParentShards")[0].GetString()));
        foreach (var (shard, parity) in new[] { (1, 0), (2, 1) })
        {
            using var child = await server.SubscribeAsync(consumer, shard);
            Assert.Equal(put[20..].Where((_, i) => i % 2 == parity), (await child.EventAsync()).Texts);
        }
    }

    [Fact]
    public async Task Deregistering_the_consumer_and_deleting_the_stream_end_it_with_an_exception()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var consumer = await server.RegisterAsync("orders");
        using var first = await server.SubscribeAsync(consumer);
        using var second = await server.SubscribeAsync(await server.RegisterAsync("orders", "other"), version: HttpVersion.Version20);
        (await server.CallAsync("DeregisterStreamConsumer", new { ConsumerARN = consumer })).Succeeded();
        Assert.Equal(("ResourceNotFoundException", $"Consumer reader, account {Account} not found."), await first.ExceptionAsync());
        (await server.CallAsync("DeleteStream", new { StreamName = "orders", EnforceConsumerDeletion = true })).Succeeded();
        Assert.Equal(("ResourceNotFoundException", NotFound("orders")), await second.ExceptionAsync());
    }

    [Fact]
    public async Task Payloads_follow_the_requests_encoding()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "a");
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        new SubscribeToShardRequest
        {
            ConsumerARN = await server.RegisterAsync("orders"),
            ShardId = ShardId(0),
            StartingPosition = new StartingPosition { Type = "TRIM_HORIZON" },
        }.Write(WireCodec.Cbor.CreateWriter(output));
        using var events = await EventStream.OpenAsync(server.Server.Endpoint, output.WrittenSpan.ToArray(), codec: WireCodec.Cbor);
        Assert.Equal("initial-response", (await events.NextAsync())!.Value.Headers[EventStreamHeaders.EventType]);
        var message = (await events.NextAsync())!.Value;
        Assert.Equal("application/cbor", message.Headers[EventStreamHeaders.ContentType]);
        Assert.True(WireCodec.Cbor.TryRead(message.Payload.Span, out var map));
        Assert.Equal("a"u8.ToArray(), SubscribeToShardEvent.Read(map).Records!.Single().Data!.Value.ToArray());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_server_that_stops_ends_its_subscriptions_cleanly_and_at_once(string version)
    {
        var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        using var events = await server.SubscribeAsync(await server.RegisterAsync("orders"), version: new Version(version));
        var stopping = server.Server.StopAsync(TimeSpan.FromMinutes(10));
        Assert.Null(await events.NextAsync());
        await stopping.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await server.DisposeAsync();
    }

    private static string AnotherActive => $"Another active subscription exists for this consumer: {Account}:orders:{ShardId(0)}:reader";
}
