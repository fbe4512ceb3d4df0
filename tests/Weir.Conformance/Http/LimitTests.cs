using System.Text.Json;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>The limits of a shard and the rates of control operations, which a server enforces unless it is told not to: refusals in the service's form, no silent queue.</summary>
public sealed class LimitTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Throttled = "ProvisionedThroughputExceededException";

    [Trap(15)]
    [Fact]
    public async Task More_than_a_thousand_records_a_second_are_refused_one_by_one()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("records-limit");
        var request = JsonSerializer.Serialize(new
        {
            StreamName = "records-limit",
            Records = Enumerable.Range(0, 500).Select(_ => new { PartitionKey = "k", Data = "" }),
        });
        var replies = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => http.CallAsync("PutRecords", request)));

        var refused = replies.SelectMany(reply => reply.Succeeded().Json.GetProperty("Records").EnumerateArray())
            .Where(entry => entry.TryGetProperty("ErrorCode", out _)).ToList();
        Assert.InRange(refused.Count, 1, 1500);
        Assert.Equal(refused.Count, replies.Sum(reply => reply.Json.GetProperty("FailedRecordCount").GetInt32()));
        Assert.All(refused, entry =>
        {
            Assert.Equal(Throttled, entry.GetProperty("ErrorCode").GetString());
            Assert.Equal("Rate exceeded for shard shardId-000000000000 in stream records-limit under account 000000000000.", entry.GetProperty("ErrorMessage").GetString());
            Assert.False(entry.TryGetProperty("SequenceNumber", out _));
            Assert.False(entry.TryGetProperty("ShardId", out _));
        });
    }

    [Fact]
    public async Task More_than_a_megabyte_a_second_is_refused()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("bytes-limit");
        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            http.CallAsync("PutRecord", new { StreamName = "bytes-limit", PartitionKey = "k", Data = new byte[900_000] })));
        var refused = replies.Where(reply => (int)reply.Status != 200).ToList();
        Assert.InRange(refused.Count, 1, 3);
        Assert.All(refused, reply => reply.AssertRefused(
            Throttled, "Rate exceeded for shard shardId-000000000000 in stream bytes-limit under account 000000000000."));
    }

    [Fact]
    public async Task More_than_five_reads_a_second_are_refused()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("reads-limit");
        var iterator = await http.IteratorAsync("reads-limit");
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => http.CallAsync("GetRecords", new { ShardIterator = iterator })));
        var refused = replies.Where(reply => (int)reply.Status != 200).ToList();
        Assert.InRange(refused.Count, 1, 15);
        Assert.All(refused, reply => reply.AssertRefused(
            Throttled, "Rate exceeded for shard shardId-000000000000 in stream reads-limit under account 000000000000."));
    }

    [Fact]
    public async Task More_control_calls_than_the_service_takes_are_refused_with_the_text_that_clients_know()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => http.CallAsync("ListTagsForStream", new { StreamName = "control-limit" })));
        var refused = replies.Where(reply => reply.Text.Contains("LimitExceededException", StringComparison.Ordinal)).ToList();
        Assert.InRange(refused.Count, 1, 15);
        Assert.All(refused, reply => reply.AssertRefused("LimitExceededException", "Rate exceeded for stream control-limit under account 000000000000."));
    }
}
