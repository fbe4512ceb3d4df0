using System.Text.Json;
using Weir.Model;
using Weir.Server.Tests.Http;

namespace Weir.Server.Tests.Operations;

/// <summary>
/// A stream that is going: its log is closed, its files are being deleted, and its name is still there. That takes as long as the
/// disk does; a fact closes the log itself and stands still at that moment.
/// </summary>
public sealed class DeletionRaceTests
{
    [Fact]
    public async Task A_read_of_a_log_that_is_closed_already_is_answered_as_for_a_stream_that_is_gone()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await endpoint.AnswerAsync("CreateStream", """{"StreamName":"orders","ShardCount":1}""");
        await endpoint.AnswerAsync("PutRecord", """{"StreamName":"orders","PartitionKey":"k","Data":""}""");
        var iterator = await endpoint.AnswerAsync("GetShardIterator", """{"StreamName":"orders","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}""");
        var stream = endpoint.Engine.Streams.Find(new StreamName(TestServer.Account, TestServer.Region, "orders"))!;
        await stream.Current.Log!.DisposeAsync();

        var answer = JsonSerializer.Deserialize<JsonElement>(await endpoint.AnswerAsync("GetRecords", iterator));
        Assert.Equal("ResourceNotFoundException", answer.GetProperty("__type").GetString());
        Assert.Equal(TestServer.NoSuchShard("orders", 0), answer.GetProperty("message").GetString());
        answer = JsonSerializer.Deserialize<JsonElement>(await endpoint.AnswerAsync("PutRecord", """{"StreamName":"orders","PartitionKey":"k","Data":""}"""));
        Assert.Equal(TestServer.NotFound("orders"), answer.GetProperty("message").GetString());
    }
}
