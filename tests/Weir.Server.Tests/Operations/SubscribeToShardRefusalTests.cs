using System.Globalization;
using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>Everything that is wrong before the event stream begins is an ordinary answer (spec section 7.6, "Checks before the stream starts").</summary>
public sealed class SubscribeToShardRefusalTests
{
    [Fact]
    public async Task A_consumer_that_is_not_there_or_not_ACTIVE_is_refused_before_anything_else()
    {
        var delay = TimeSpan.FromSeconds(10);
        await using var server = await StartAsync(transitionDelay: delay);
        await server.CreateStreamAsync("orders");
        server.Time.Advance(delay);
        await server.UntilStatusAsync("orders", "ACTIVE");
        var consumer = await server.RegisterAsync("orders");
        var earlier = $"{Arn("orders")}/consumer/reader:{server.Time.GetUtcNow().ToUnixTimeSeconds() - 1}";
        (await server.RefusedAsync(FanOut.Request(earlier, "no-shard"))).AssertNotFound($"Consumer reader, account {Account} not found.");
        (await server.RefusedAsync(FanOut.Request(consumer.Replace("orders", "others", StringComparison.Ordinal), 9))).AssertNotFound(NotFound("others"));
        (await server.RefusedAsync(FanOut.Request(consumer, 9))).AssertInUse(string.Create(
            CultureInfo.InvariantCulture,
            $"Consumer reader with creation timestamp {server.Time.GetUtcNow().ToUnixTimeSeconds()} under stream: orders , account {Account} is not in ACTIVE status."));
    }

    [Fact]
    public async Task A_shard_that_is_not_there_is_refused()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var consumer = await server.RegisterAsync("orders");
        (await server.RefusedAsync(FanOut.Request(consumer, 7, "AT_TIMESTAMP"))).AssertNotFound(NoSuchShard("orders", 7));
        (await server.RefusedAsync(FanOut.Request(consumer, "x", "AT_TIMESTAMP"))).AssertNotFound($"Could not find shard x in stream orders under account {Account}.");
    }

    [Fact]
    public async Task Starting_positions_are_checked_as_those_of_iterators()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var consumer = await server.RegisterAsync("orders");
        var number = await server.PutTextAsync("orders", "a", explicitHashKey: MaxHashKey);
        foreach (var (type, argument, time) in new (string, string?, double?)[]
        {
            ("TRIM_HORIZON", number, null),
            ("LATEST", number, null),
            ("AT_SEQUENCE_NUMBER", null, null),
            ("AFTER_SEQUENCE_NUMBER", null, null),
            ("AT_SEQUENCE_NUMBER", number, null),
            ("AFTER_SEQUENCE_NUMBER", "49590338271490256608559692538361571095921575989136588898", null),
            ("AT_SEQUENCE_NUMBER", "0", null),
            ("AT_TIMESTAMP", null, null),
            ("AT_TIMESTAMP", null, server.Now + 0.001),
        })
        {
            var iterator = await server.CallAsync(
                "GetShardIterator", new { StreamName = "orders", ShardId = ShardId(0), ShardIteratorType = type, StartingSequenceNumber = argument, Timestamp = time });
            var refused = await server.RefusedAsync(FanOut.Request(consumer, 0, type, argument, time));
            Assert.Contains("InvalidArgumentException", iterator.Text, StringComparison.Ordinal);
            Assert.Equal((iterator.Status, iterator.Text), (refused.Status, refused.Text));
        }

        // None of them was a call that counts.
        using var events = await server.SubscribeAsync(consumer);
    }

    [Fact]
    public async Task A_dry_run_makes_every_check_and_begins_nothing()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        var consumer = await server.RegisterAsync("orders");
        (await server.RefusedAsync(FanOut.Request(consumer, 3, dryRun: true))).AssertNotFound(NoSuchShard("orders", 3));
        for (var i = 0; i < 3; i++)
            (await server.RefusedAsync(FanOut.Request(consumer, 0, dryRun: true))).AssertRefused("DryRunOperationException", "Request would have succeeded, but DryRun flag is set.");
        using var events = await server.SubscribeAsync(consumer);
        (await server.RefusedAsync(FanOut.Request(consumer, 0, dryRun: true))).AssertInUse(
            $"Another active subscription exists for this consumer: {Account}:orders:{ShardId(0)}:reader");
    }

    [Fact]
    public async Task A_second_call_within_a_second_is_refused_for_its_rate_even_when_it_could_take_over()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        var consumer = await server.RegisterAsync("orders");
        using var events = await server.SubscribeAsync(consumer);
        server.Time.Advance(TimeSpan.FromSeconds(4.9));
        await server.RefusedAsync(FanOut.Request(consumer, 0));
        server.Time.Advance(TimeSpan.FromSeconds(0.1));
        (await server.RefusedAsync(FanOut.Request(consumer, 0))).AssertLimitExceeded($"Rate exceeded for consumer {consumer} and shard {ShardId(0)}.");
    }

    [Fact]
    public async Task A_server_with_as_many_subscriptions_as_its_memory_has_room_for_says_so()
    {
        // 64 MiB for requests reserve 16 MiB for small events: 256 subscriptions.
        await using var server = await StartAsync(requestBytes: 64 * 1024 * 1024);
        await server.CreateStreamAsync("orders", shards: 257);
        var consumer = await server.RegisterAsync("orders");
        var events = new List<EventStream>();
        for (var shard = 0; shard < 256; shard++)
            events.Add(await server.SubscribeAsync(consumer, shard));
        using (var refused = await EventStream.OpenAsync(server.Server.Endpoint, FanOut.Request(consumer, 256)))
            Assert.Equal(503, (int)refused.Response.StatusCode);
        events[17].Dispose();
        await UntilAsync("there is room again", async () =>
        {
            using var again = await EventStream.OpenAsync(server.Server.Endpoint, FanOut.Request(consumer, 256));
            return again.Response.IsSuccessStatusCode;
        });
        events.ForEach(stream => stream.Dispose());
    }
}
