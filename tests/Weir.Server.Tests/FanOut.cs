using System.Text.Json;

namespace Weir.Server.Tests;

/// <summary>What tests of subscriptions say all the time.</summary>
internal static class FanOut
{
    /// <summary>Registers a consumer that must be taken.</summary>
    /// <returns>Its ARN.</returns>
    public static async Task<string> RegisterAsync(this TestServer server, string stream, string name = "reader") =>
        (await server.CallAsync("RegisterStreamConsumer", new { StreamARN = TestServer.Arn(stream), ConsumerName = name })).Succeeded()
            .GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!;

    public static byte[] Request(
        string consumer, object shard, string type = "TRIM_HORIZON", string? number = null, double? timestamp = null, bool? dryRun = null) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                ConsumerARN = consumer,
                ShardId = shard as string ?? TestServer.ShardId((int)shard),
                StartingPosition = new { Type = type, SequenceNumber = number, Timestamp = timestamp },
                DryRun = dryRun,
            });

    /// <summary>Subscribes; the initial response has come.</summary>
    public static async Task<EventStream> SubscribeAsync(
        this TestServer server, string consumer, int shard = 0, string type = "TRIM_HORIZON", string? number = null, double? timestamp = null, Version? version = null)
    {
        var events = await EventStream.OpenAsync(server.Server.Endpoint, Request(consumer, shard, type, number, timestamp), version);
        if (!events.Response.IsSuccessStatusCode)
            Assert.Fail($"{await events.ReplyAsync()}");
        var first = await events.NextAsync();
        Assert.Equal("initial-response", first!.Value.Headers[":event-type"]);
        Assert.Equal("{}"u8.ToArray(), first.Value.Payload.ToArray());
        return events;
    }

    /// <summary>Subscribes in vain.</summary>
    public static async Task<KinesisReply> RefusedAsync(this TestServer server, byte[] input)
    {
        using var events = await EventStream.OpenAsync(server.Server.Endpoint, input);
        Assert.Equal("application/x-amz-json-1.1", events.Response.Content.Headers.ContentType?.MediaType);
        return await events.ReplyAsync();
    }
}
