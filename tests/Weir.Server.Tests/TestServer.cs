using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Weir.Protocol.Wire;
using Weir.Server.Tests.Metrics;
using Weir.TestKit;

namespace Weir.Server.Tests;

/// <summary>A server in this process, in virtual time and (unless a directory is given) in memory, and a client of it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string Account = "000000000000";
    public const string Region = "us-east-1";

    /// <summary>2^127, the middle of the hash key space.</summary>
    public const string Middle = "170141183460469231731687303715884105728";

    /// <summary>2^128 - 1, its end.</summary>
    public const string MaxHashKey = "340282366920938463463374607431768211455";

    public static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // Real time: only a server that hangs lets it pass.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client;

    private TestServer(WeirServer server, ManualTimeProvider time)
    {
        (Server, Time) = (server, time);
        _client = new HttpClient { BaseAddress = server.Endpoint, Timeout = Patience };
    }

    public WeirServer Server { get; }

    public ManualTimeProvider Time { get; }

    /// <summary>Seconds since 1970 as JSON wants them, and as records show them.</summary>
    public double Now => Seconds(Time.GetUtcNow());

    public static async Task<TestServer> StartAsync(
        bool limits = false,
        TimeSpan transitionDelay = default,
        int requestBytes = 512 * 1024 * 1024,
        ManualTimeProvider? time = null,
        string? dataDirectory = null,
        string? credentialsFile = null,
        long memoryBytes = 1024 * 1024 * 1024,
        IReadOnlyDictionary<string, string>? telemetry = null,
        bool testControls = false,
        int? maxConnections = null)
    {
        time ??= new ManualTimeProvider(Begin);
        var options = new WeirServerOptions
        {
            Port = 0,
            DataDirectory = dataDirectory,
            Time = time,
            EnforceLimits = limits,
            TransitionDelay = transitionDelay,
            RequestBytes = requestBytes,
            CredentialsFile = credentialsFile,
            MemoryBytes = memoryBytes,
            OpenTelemetry = telemetry,
            TestControls = testControls,
            MaxConnections = maxConnections,
        };
        return new TestServer(await WeirServer.StartAsync(options, TestContext.Current.CancellationToken), time);
    }

    public static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    public static string ShardId(int number) => string.Create(CultureInfo.InvariantCulture, $"shardId-{number:D12}");

    public static string Arn(string stream, string region = Region, string account = Account) => $"arn:aws:kinesis:{region}:{account}:stream/{stream}";

    public static string NotFound(string stream) => $"Stream {stream} under account {Account} not found.";

    public static string NoSuchShard(string stream, int shard) => $"Shard {ShardId(shard)} in stream {stream} under account {Account} does not exist";

    public static string NotActive(string stream, string status) => $"Stream {stream} under account {Account} not ACTIVE, instead in state {status}";

    public static string RateExceeded(string stream, int shard) => $"Rate exceeded for shard {ShardId(shard)} in stream {stream} under account {Account}.";

    /// <summary>Calls an operation as a client of a region would; the signature is made up, since nobody checks it.</summary>
    public async Task<KinesisReply> CallAsync(string operation, object input, string region = Region)
    {
        using var content = new ByteArrayContent(input as byte[] ?? JsonSerializer.SerializeToUtf8Bytes(input));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = content };
        request.Headers.Add("X-Amz-Target", $"Kinesis_20131202.{operation}");
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential=AKID/20260101/{region}/kinesis/aws4_request, SignedHeaders=host, Signature=0");
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return new KinesisReply(response.StatusCode, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Calls an operation in CBOR.</summary>
    /// <returns>The output of a success.</returns>
    public async Task<WireValue> CallCborAsync<TRequest, TResponse>(IKinesisRequest<TRequest, TResponse> request)
        where TRequest : class, IKinesisRequest<TRequest, TResponse>
        where TResponse : class, IWireMessage<TResponse>
    {
        var body = new ArrayBufferWriter<byte>();
        request.Write(WireCodec.Cbor.CreateWriter(body));
        using var content = new ByteArrayContent(body.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue(WireCodec.Cbor.ContentType);
        using var message = new HttpRequestMessage(HttpMethod.Post, "/") { Content = content };
        message.Headers.Add("X-Amz-Target", TRequest.Operation.Target);
        using var response = await _client.SendAsync(message, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(WireCodec.Cbor.TryRead(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), out var output));
        return output;
    }

    public async Task CreateStreamAsync(string name, int shards = 1, int? maxRecordKib = null) =>
        (await CallAsync("CreateStream", new { StreamName = name, ShardCount = shards, MaxRecordSizeInKiB = maxRecordKib })).Succeeded();

    public Task<KinesisReply> PutAsync(string stream, string data = "", string key = "k", string? explicitHashKey = null) =>
        CallAsync("PutRecord", new { StreamName = stream, Data = Bytes(data), PartitionKey = key, ExplicitHashKey = explicitHashKey });

    /// <summary>Puts a record that must be taken.</summary>
    /// <returns>Its sequence number.</returns>
    public async Task<string> PutTextAsync(string stream, string data, string? explicitHashKey = null) =>
        (await PutAsync(stream, data, explicitHashKey: explicitHashKey)).Succeeded().GetProperty("SequenceNumber").GetString()!;

    public Task<KinesisReply> SplitAsync(string stream, int shard, string at = Middle) =>
        CallAsync("SplitShard", new { StreamName = stream, ShardToSplit = ShardId(shard), NewStartingHashKey = at });

    public Task<KinesisReply> MergeAsync(string stream, int lower, int upper) =>
        CallAsync("MergeShards", new { StreamName = stream, ShardToMerge = ShardId(lower), AdjacentShardToMerge = ShardId(upper) });

    /// <summary>An iterator that must be given.</summary>
    public async Task<string> IteratorAsync(
        string stream, int shard = 0, string type = "TRIM_HORIZON", string? number = null, double? timestamp = null) => Iterator(
        await CallAsync("GetShardIterator", new
        {
            StreamName = stream,
            ShardId = ShardId(shard),
            ShardIteratorType = type,
            StartingSequenceNumber = number,
            Timestamp = timestamp,
        }));

    public static string Iterator(KinesisReply reply) => reply.Succeeded().GetProperty("ShardIterator").GetString()!;

    public Task<KinesisReply> GetRecordsAsync(string iterator, int? limit = null) =>
        CallAsync("GetRecords", new { ShardIterator = iterator, Limit = limit });

    /// <summary>A page that must be given.</summary>
    public async Task<RecordsPage> ReadAsync(string iterator, int? limit = null) => new((await GetRecordsAsync(iterator, limit)).Succeeded());

    public async Task<JsonElement> DescribeAsync(string stream) =>
        (await CallAsync("DescribeStream", new { StreamName = stream })).Succeeded().GetProperty("StreamDescription");

    public async Task<string> StatusAsync(string stream) => (await DescribeAsync(stream)).GetProperty("StreamStatus").GetString()!;

    /// <summary>Waits until what virtual time has set going in the background has come to this.</summary>
    public Task UntilStatusAsync(string stream, string status) =>
        UntilAsync($"{stream} is {status}", async () => await StatusAsync(stream) == status);

    public static async Task UntilAsync(string what, Func<Task<bool>> reached)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!await reached())
        {
            Assert.False(deadline.IsCancellationRequested, $"Waited in vain: {what}.");
            await Task.Yield();
        }
    }

    public static Task UntilAsync(string what, Func<bool> reached) => UntilAsync(what, () => Task.FromResult(reached()));

    /// <summary>What the server has measured so far.</summary>
    public async Task<MetricsText> MetricsAsync() => MetricsText.Parse(await _client.GetStringAsync("/_weir/metrics", TestContext.Current.CancellationToken));

    public static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
    }
}
