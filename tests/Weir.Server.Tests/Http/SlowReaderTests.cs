using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Model;
using Weir.Server.Http;
using Weir.Streams;
using Weir.Streams.Catalog;
using Weir.TestKit;
using ByteBudget = Weir.Server.Http.ByteBudget;

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
        var time = new ManualTimeProvider();
        await using var engine = await StreamEngine.StartAsync(
            StreamCatalog.InMemory(), new MemoryLogStore(new LogOptions(), time), new StreamsOptions { EnforceRates = false }, time,
            NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        using var budget = new ByteBudget(64 * 1024 * 1024, TimeSpan.FromSeconds(10), time);
        var endpoint = new KinesisEndpoint(engine, TestServer.Account, budget, NullLogger<KinesisEndpoint>.Instance);
        await AnswerAsync(endpoint, "CreateStream", """{"StreamName":"orders","ShardCount":1}""");
        await AnswerAsync(endpoint, "PutRecord", $$"""{"StreamName":"orders","PartitionKey":"k","Data":"{{new string('A', 1024 * 1024)}}"}""");
        var iterator = await AnswerAsync(endpoint, "GetShardIterator", """{"StreamName":"orders","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}""");

        var connection = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        var handling = endpoint.HandleAsync(Request("GetRecords", iterator, connection.Writer));
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

    private static async Task<string> AnswerAsync(KinesisEndpoint endpoint, string operation, string json)
    {
        var answer = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await endpoint.HandleAsync(Request(operation, json, answer.Writer));
        await answer.Writer.CompleteAsync();
        using var reader = new StreamReader(answer.Reader.AsStream());
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static DefaultHttpContext Request(string operation, string json, PipeWriter answer)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = "POST";
        http.Request.Body = new MemoryStream(TestServer.Bytes(json));
        http.Request.ContentType = "application/x-amz-json-1.1";
        http.Request.Headers["X-Amz-Target"] = $"Kinesis_20131202.{operation}";
        http.Features.Set<IHttpResponseBodyFeature>(new AnswerFeature(answer));
        return http;
    }

    private sealed class AnswerFeature(PipeWriter writer) : IHttpResponseBodyFeature
    {
        public Stream Stream => writer.AsStream();

        public PipeWriter Writer => writer;

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CompleteAsync() => writer.CompleteAsync().AsTask();
    }
}
