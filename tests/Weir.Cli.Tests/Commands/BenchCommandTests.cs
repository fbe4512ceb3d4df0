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

    [Fact]
    public async Task A_load_in_cbor_is_stored_like_any_other()
    {
        var output = await server.DoAsync(
            "bench", "put", "--cbor", "--batch", "20", "--stream", "binary", "--duration", "200ms", "--warmup", "0s", "--connections", "2", "--record-size", "100", "--json", "-");

        using var json = JsonDocument.Parse(output);
        Assert.Equal("cbor", json.RootElement.GetProperty("plan").GetProperty("wire").GetString());
        var round = json.RootElement.GetProperty("rounds")[0];
        Assert.True(round.GetProperty("recordsPerSecond").GetDouble() > 0);
        Assert.Equal(0, round.GetProperty("errors").GetInt64());
    }

    [Fact]
    public async Task A_catch_up_read_finds_every_record_that_it_stored_in_both_encodings_and_leaves_nothing()
    {
        var output = await server.DoAsync(
            "bench", "get", "--bytes", "3MB", "--record-size", "1000", "--shards", "3", "--connections", "2", "--rounds", "2", "--json", "-", "--endpoint", server.Endpoint);

        using var json = JsonDocument.Parse(output);
        Assert.InRange(json.RootElement.GetProperty("plan").GetProperty("records").GetInt64(), 3000, 4000);
        var rounds = json.RootElement.GetProperty("rounds").EnumerateArray().ToList();
        Assert.Equal(["json", "cbor", "json", "cbor"], rounds.Select(round => round.GetProperty("wire").GetString()));
        Assert.All(rounds, round => Assert.True(round.GetProperty("bytesPerSecond").GetDouble() > 0));
        Assert.True(json.RootElement.GetProperty("cborToJson").GetProperty("median").GetDouble() > 0);
        Assert.DoesNotContain("weir-bench-get", await server.DoAsync("stream", "list"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("get", "--json-wire", "--cbor")]
    [InlineData("get", "--bytes", "2")]
    [InlineData("recovery", "--streams", "0")]
    public async Task What_makes_no_sense_is_wrong_usage(params string[] arguments)
    {
        var (code, _, error) = await server.RunAsync("", ["bench", .. arguments]);
        Assert.Equal(CommandLine.WrongUsage, code);
        Assert.Contains(arguments[^2], error, StringComparison.Ordinal);
    }
}
