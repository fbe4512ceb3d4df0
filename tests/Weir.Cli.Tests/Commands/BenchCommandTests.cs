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

    [Fact]
    public async Task More_than_a_shard_takes_is_paced_and_every_record_is_where_it_was_reported()
    {
        var output = await server.DoAsync(
            "bench", "limits", "--shards", "1", "--times", "3", "--record-size", "500", "--duration", "1s", "--warmup", "500ms", "--when-full", "fail",
            "--credit", "1MiB", "--json", "-", "--endpoint", server.Endpoint);

        using var json = JsonDocument.Parse(output);
        var ways = json.RootElement.GetProperty("ways").EnumerateArray().ToList();
        Assert.Equal(["producer, aggregated", "producer, one by one", "naive PutRecords"], ways.Select(way => way.GetProperty("way").GetString()));
        Assert.All(ways, way =>
        {
            Assert.Equal((0, 0, 0), (way.GetProperty("withoutOutcome").GetInt64(), way.GetProperty("missing").GetInt64(), way.GetProperty("foreign").GetInt64()));
            Assert.True(way.GetProperty("stored").GetInt64() > 0);
            Assert.Equal(way.GetProperty("offered").GetInt64(), way.GetProperty("stored").GetInt64() + way.GetProperty("failed").GetInt64());
        });
        // The server has no limits, but the producer goes by them.
        Assert.All(ways.SkipLast(1), way =>
        {
            Assert.True(way.GetProperty("failures").GetProperty("Full").GetInt64() > 0);
            Assert.InRange(way.GetProperty("partOfAllowed").GetDouble(), 0.1, 1.6);
            Assert.InRange(way.GetProperty("peakCreditBytes").GetInt64(), 1, 1 << 20);
        });
    }

    [Theory]
    [InlineData("get", "--json-wire", "--cbor")]
    [InlineData("get", "--bytes", "2")]
    [InlineData("recovery", "--streams", "0")]
    [InlineData("limits", "--credit", "1KiB")]
    public async Task What_makes_no_sense_is_wrong_usage(params string[] arguments)
    {
        var (code, _, error) = await server.RunAsync("", ["bench", .. arguments]);
        Assert.Equal(CommandLine.WrongUsage, code);
        Assert.Contains(arguments[^2], error, StringComparison.Ordinal);
    }
}
