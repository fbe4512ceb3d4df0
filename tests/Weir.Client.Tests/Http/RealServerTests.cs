using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Weir.Protocol.Messages;

namespace Weir.Client.Tests.Http;

/// <summary>Over real sockets: what a server sees of a request, and what becomes of a server that is not there.</summary>
public sealed class RealServerTests
{
    // What the last request looked like.
    private string _protocol = "";
    private Dictionary<string, string> _headers = [];

    [Theory]
    [InlineData(false, "HTTP/1.1")]
    [InlineData(true, "HTTP/2")]
    public async Task A_request_arrives_as_the_protocol_wants_it(bool http2, string protocol)
    {
        var body = "";
        await using var server = await StartAsync(http2, async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            body = await reader.ReadToEndAsync();
            _protocol = context.Request.Protocol;
            _headers = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
            context.Response.ContentType = "application/x-amz-json-1.1";
            await context.Response.WriteAsync("""{"SequenceNumber":"7","ShardId":"shardId-000000000000"}""");
        });
        using var client = new KinesisClient(new KinesisClientOptions
        {
            Endpoint = server.Endpoint,
            Region = "eu-west-1",
            Credentials = new SessionAWSCredentials("AKID", "secret", "token"),
            UseHttp2OnPlainText = http2,
        });

        var response = await client.PutRecordAsync(
            new PutRecordRequest { StreamName = "s", PartitionKey = "k", Data = "hello"u8.ToArray() }, TestContext.Current.CancellationToken);

        Assert.Equal("7", response.SequenceNumber);
        Assert.Equal(protocol, _protocol);
        Assert.Equal("""{"StreamName":"s","Data":"aGVsbG8=","PartitionKey":"k"}""", body);
        Assert.Equal("Kinesis_20131202.PutRecord", _headers["x-amz-target"]);
        Assert.Equal("application/x-amz-json-1.1", _headers["content-type"]);
        Assert.Equal("token", _headers["x-amz-security-token"]);
        Assert.Equal(Expected(body, _headers, server.Endpoint.Authority), _headers["authorization"]);
    }

    [Fact]
    public async Task An_operation_without_output_may_answer_an_empty_body()
    {
        await using var server = await StartAsync(http2: false, context =>
        {
            context.Response.StatusCode = 200;
            return Task.CompletedTask;
        });
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = server.Endpoint, Credentials = new BasicAWSCredentials("a", "b") });

        Assert.NotNull(await client.DeleteStreamAsync(new DeleteStreamRequest { StreamName = "s" }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_large_answer_is_read_whole()
    {
        var data = RandomNumberGenerator.GetBytes(3_000_000);
        await using var server = await StartAsync(http2: false, context => context.Response.WriteAsync(
            $$"""{"Records":[{"Data":"{{Convert.ToBase64String(data)}}","PartitionKey":"k","SequenceNumber":"1","ApproximateArrivalTimestamp":1.5}],"MillisBehindLatest":0}"""));
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = server.Endpoint, Credentials = new BasicAWSCredentials("a", "b") });

        var response = await client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = "i" }, TestContext.Current.CancellationToken);

        Assert.Equal(data, Assert.Single(response.Records!).Data!.Value.ToArray());
    }

    [Fact]
    public async Task Nobody_listening_is_unreachable_and_retryable()
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = new Uri($"http://127.0.0.1:{port}"), MaxAttempts = 1 });

        var exception = await Assert.ThrowsAsync<KinesisConnectionException>(() => client.ListStreamsAsync(new ListStreamsRequest(), TestContext.Current.CancellationToken));

        Assert.Equal(KinesisConnectionFailure.Unreachable, exception.Reason);
        Assert.True(exception.IsRetryable);
        Assert.Null(exception.StatusCode);
    }

    [Fact]
    public async Task A_server_that_never_answers_times_out()
    {
        await using var server = await StartAsync(http2: false, context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = new KinesisClient(new KinesisClientOptions
        {
            Endpoint = server.Endpoint,
            Credentials = new BasicAWSCredentials("a", "b"),
            AttemptTimeout = TimeSpan.FromMilliseconds(50),
            MaxAttempts = 1,
        });

        var exception = await Assert.ThrowsAsync<KinesisConnectionException>(() => client.ListStreamsAsync(new ListStreamsRequest(), TestContext.Current.CancellationToken));

        Assert.Equal(KinesisConnectionFailure.TimedOut, exception.Reason);
    }

    [Fact]
    public async Task The_callers_cancellation_stays_a_cancellation()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync(http2: false, context =>
        {
            arrived.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = server.Endpoint, Credentials = new BasicAWSCredentials("a", "b") });
        using var cancellation = new CancellationTokenSource();

        var request = client.ListStreamsAsync(new ListStreamsRequest(), cancellation.Token);
        await arrived.Task;
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    // What AWS's own code computes over the same request.
    private static string Expected(string body, Dictionary<string, string> headers, string host)
    {
        const string signed = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target";
        var stamp = headers["x-amz-date"];
        var canonical = $"POST\n/\n\ncontent-type:{headers["content-type"]}\nhost:{host}\nx-amz-date:{stamp}\nx-amz-security-token:{headers["x-amz-security-token"]}\n"
            + $"x-amz-target:{headers["x-amz-target"]}\n\n{signed}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}";
        var time = DateTime.ParseExact(stamp, "yyyyMMdd'T'HHmmss'Z'", null, System.Globalization.DateTimeStyles.AdjustToUniversal | System.Globalization.DateTimeStyles.AssumeUniversal);
        var result = AWS4Signer.ComputeSignature("AKID", "secret", "eu-west-1", time, "kinesis", signed, canonical, new RequestMetrics());
        return result.ForAuthorizationHeader;
    }

    private static async Task<RunningServer> StartAsync(bool http2, RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => listen.Protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new RunningServer(app, new Uri(app.Urls.Single()));
    }

    private sealed record RunningServer(WebApplication App, Uri Endpoint) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await App.DisposeAsync();
    }
}
