using System.IO.Pipelines;

namespace Weir.Server.Tests.Http;

/// <summary>
/// A response that nobody reads must not be copied into the connection's buffers as a whole: it would be held twice, and the
/// connection's own rate limit, which counts from the bytes handed to it, would let a dead client hold it for hours. The fact looks at
/// what the endpoint has handed to a connection that takes no more.
/// </summary>
public sealed class SlowReaderTests
{
    [Fact]
    public async Task A_large_answer_is_handed_over_piece_by_piece()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await endpoint.AnswerAsync("CreateStream", """{"StreamName":"orders","ShardCount":1}""");
        await endpoint.AnswerAsync("PutRecord", $$"""{"StreamName":"orders","PartitionKey":"k","Data":"{{new string('A', 1024 * 1024)}}"}""");
        var iterator = await endpoint.AnswerAsync("GetShardIterator", """{"StreamName":"orders","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}""");

        var connection = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        var handling = endpoint.HandleAsync("GetRecords", iterator, connection.Writer);
        var received = 0L;
        while (received < 1024 * 1024)
        {
            var result = await connection.Reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.InRange(result.Buffer.Length, 1, 128 * 1024);
            received += result.Buffer.Length;
            connection.Reader.AdvanceTo(result.Buffer.End);
        }

        await handling;
    }
}
