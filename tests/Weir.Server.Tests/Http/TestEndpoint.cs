using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Server.Http;
using Weir.Server.Metrics;
using Weir.Server.Operations;
using Weir.Server.Security;
using Weir.Streams;
using Weir.Streams.Catalog;
using Weir.TestKit;

namespace Weir.Server.Tests.Http;

/// <summary>The endpoint without a network: for facts about what it hands over, and about an engine that changes under a request.</summary>
internal sealed class TestEndpoint : IAsyncDisposable
{
    private readonly ServerMemory _memory;
    private readonly ServerMeters _meters = new();
    private readonly KinesisEndpoint _endpoint;
    private readonly CancellationTokenSource _stopping = new();

    private TestEndpoint(StreamEngine engine, ManualTimeProvider time)
    {
        (Engine, Time) = (engine, time);
        _memory = new ServerMemory(64 * 1024 * 1024, 64 * 1024 * 1024, TimeSpan.FromSeconds(10), time);
        _endpoint = new KinesisEndpoint(
            engine, new Authentication(TestServer.Account, credentials: null, time), Admission.Open, _memory,
            new ServerMetrics(_meters, engine, TestServer.Account), _stopping.Token, NullLogger<KinesisEndpoint>.Instance);
    }

    public StreamEngine Engine { get; }

    public ManualTimeProvider Time { get; }

    public static async Task<TestEndpoint> StartAsync()
    {
        var time = new ManualTimeProvider(TestServer.Begin);
        var engine = await StreamEngine.StartAsync(
            StreamCatalog.InMemory(), new MemoryLogStore(new LogOptions(), time), new StreamsOptions { EnforceRates = false }, time,
            NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        return new TestEndpoint(engine, time);
    }

    /// <summary>Handles one request; the answer's body goes to a connection of the test's own.</summary>
    public Task HandleAsync(string operation, string json, PipeWriter connection) => _endpoint.HandleAsync(Request(operation, json, connection));

    /// <summary>The body of the answer to one request.</summary>
    public async Task<string> AnswerAsync(string operation, string json)
    {
        var connection = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await HandleAsync(operation, json, connection.Writer);
        await connection.Writer.CompleteAsync();
        using var reader = new StreamReader(connection.Reader.AsStream());
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Engine.DisposeAsync();
        _memory.Dispose();
        _stopping.Dispose();
        _meters.Dispose();
    }

    private static DefaultHttpContext Request(string operation, string json, PipeWriter connection)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = "POST";
        http.Request.Body = new MemoryStream(TestServer.Bytes(json));
        http.Request.ContentType = "application/x-amz-json-1.1";
        http.Request.Headers["X-Amz-Target"] = $"Kinesis_20131202.{operation}";
        http.Features.Set<IHttpResponseBodyFeature>(new AnswerFeature(connection));
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
