using System.Text.Json;
using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Tests.Commands;

public sealed class BenchCommandTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Theory]
    [InlineData("1", "PutRecord", "0")]
    [InlineData("10", "PutRecords", "1000")]
    public async Task A_short_run_stores_records_and_reports_them(string batch, string operation, string rate)
    {
        var output = await server.DoAsync(
            "bench", "put", "--batch", batch, "--rate", rate, "--duration", "500ms", "--warmup", "100ms", "--connections", "4", "--record-size", "100", "--json", "-");

        using var json = JsonDocument.Parse(output);
        var plan = json.RootElement.GetProperty("plan");
        Assert.Equal(operation, plan.GetProperty("operation").GetString());
        Assert.Equal(rate == "0" ? "closed" : "open", plan.GetProperty("loop").GetString());
        Assert.Equal("memory", json.RootElement.GetProperty("server").GetProperty("storage").GetString());
        var round = json.RootElement.GetProperty("rounds")[0];
        Assert.True(round.GetProperty("recordsPerSecond").GetDouble() > 0);
        Assert.Equal(0, round.GetProperty("errors").GetInt64());
        var latency = round.GetProperty("latencyMilliseconds");
        Assert.InRange(latency.GetProperty("p50").GetDouble(), 0.001, latency.GetProperty("max").GetDouble());
    }

    [Fact]
    public async Task With_a_key_the_stream_is_encrypted_before_the_load()
    {
        var output = await server.DoAsync(
            "bench", "put", "--stream", "encrypted", "--key-id", "alias/aws/kinesis", "--duration", "200ms", "--warmup", "0s", "--connections", "1", "--json", "-");

        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("plan").GetProperty("encrypted").GetBoolean());
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = new Uri(server.Endpoint) });
        var answer = await client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = "encrypted" }, TestContext.Current.CancellationToken);
        Assert.Equal("alias/aws/kinesis", answer.StreamDescriptionSummary!.KeyId);
    }

    [Fact]
    public async Task A_short_run_of_subscriptions_delivers_what_was_put_and_says_how_late()
    {
        var output = await server.DoAsync("bench", "subscribe", "--rate", "200", "--duration", "500ms", "--shards", "2", "--stream", "fan-out", "--json", "-", "--endpoint", server.Endpoint);

        using var json = JsonDocument.Parse(output);
        Assert.Equal("memory", json.RootElement.GetProperty("server").GetProperty("storage").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("plan").GetProperty("shards").GetInt32());
        Assert.True(json.RootElement.GetProperty("delivered").GetInt64() > 0);
        foreach (var times in new[] { "delayMilliseconds", "fsyncMilliseconds" })
        {
            var figures = json.RootElement.GetProperty(times);
            Assert.InRange(figures.GetProperty("p50").GetDouble(), 0.001, figures.GetProperty("max").GetDouble());
        }
    }
}
