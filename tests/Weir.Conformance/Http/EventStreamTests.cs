using System.Net;
using System.Text.Json;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>The event stream as bytes on a connection, over HTTP/1.1 with chunks (spec section 8).</summary>
public sealed class EventStreamTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    // Computed by the specification, section 8.4.
    private const string InitialResponse =
        "00000068000000564e6817240d3a6d6573736167652d747970650700056576656e740b3a6576656e742d74797065070010696e697469616c2d726573706f6e7365"
        + "0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b7dfe942c1d";

    [Fact]
    public async Task The_first_bytes_are_the_initial_response_exactly()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync("CreateStream", """{"StreamName":"frames","ShardCount":1}""")).Succeeded();
        await http.UntilActiveAsync("frames");
        var registered = (await http.CallAsync(
            "RegisterStreamConsumer", """{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/frames","ConsumerName":"reader"}""")).Succeeded();
        var arn = registered.Json.GetProperty("Consumer").GetProperty("ConsumerARN").GetString();
        using var connection = await RawConnection.OpenAsync(fixture.Endpoint);
        await connection.SendAsync(RawConnection.Post(
            "SubscribeToShard", $$$"""{"ConsumerARN":"{{{arn}}}","ShardId":"shardId-000000000000","StartingPosition":{"Type":"LATEST"}}"""));
        var (status, headers) = await connection.ReceiveHeadAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("application/vnd.amazon.eventstream", headers["content-type"]);
        Assert.Equal("chunked", headers["transfer-encoding"]);
        Assert.False(headers.ContainsKey("content-length"));
        Assert.Equal(InitialResponse, Convert.ToHexStringLower(await connection.ReceiveChunkAsync()));

        // A record comes by itself, and its message's length is that of its frame.
        (await http.CallAsync("PutRecord", """{"StreamName":"frames","PartitionKey":"k","Data":"YQ=="}""")).Succeeded();
        var frame = await connection.ReceiveChunkAsync();
        Assert.Equal(frame.Length, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(frame));
        var headerBytes = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(4));
        var payload = JsonDocument.Parse(frame.AsMemory(12 + headerBytes, frame.Length - 16 - headerBytes)).RootElement;
        Assert.Equal(
            ["ContinuationSequenceNumber", "MillisBehindLatest", "Records"], payload.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal("YQ==", payload.GetProperty("Records")[0].GetProperty("Data").GetString());
    }

    [Fact]
    public async Task A_server_that_is_told_to_stop_does_not_wait_for_its_subscriptions()
    {
        using var data = new TemporaryFolder();
        await using var server = await WeirServer.StartAsync("--data", data.Path);
        using var http = new KinesisHttp(server.Endpoint);
        (await http.CallAsync("CreateStream", """{"StreamName":"frames","ShardCount":1}""")).Succeeded();
        await http.UntilActiveAsync("frames");
        var registered = (await http.CallAsync(
            "RegisterStreamConsumer", """{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/frames","ConsumerName":"reader"}""")).Succeeded();
        var arn = registered.Json.GetProperty("Consumer").GetProperty("ConsumerARN").GetString();
        using var connection = await RawConnection.OpenAsync(server.Endpoint);
        await connection.SendAsync(RawConnection.Post(
            "SubscribeToShard", $$$"""{"ConsumerARN":"{{{arn}}}","ShardId":"shardId-000000000000","StartingPosition":{"Type":"LATEST"}}"""));
        await connection.ReceiveHeadAsync();
        await connection.ReceiveChunkAsync();
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(0, await server.TerminateAsync());
        // The drain alone would have been ten seconds.
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(9));
        // A clean end: the last chunk.
        Assert.Empty(await connection.ReceiveChunkAsync());
    }
}
