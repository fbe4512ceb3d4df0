using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>Sends requests exactly as written, over one HTTP version, through the framework's own client.</summary>
internal sealed class KinesisHttp : IDisposable
{
    public const string JsonType = "application/x-amz-json-1.1";
    public const string CborType = "application/x-amz-cbor-1.1";
    public const string TargetPrefix = "Kinesis_20131202.";

    /// <summary>A complete header with a made-up signature: a server without credentials takes any.</summary>
    public const string Authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client;
    private readonly Version _version;

    public KinesisHttp(Uri endpoint, Version? version = null)
    {
        _version = version ?? HttpVersion.Version11;
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = endpoint,
            Timeout = Patience,
        };
    }

    /// <summary>Calls an operation with a JSON body.</summary>
    public Task<KinesisReply> CallAsync(string operation, string json) =>
        SendAsync(HttpMethod.Post, Encoding.UTF8.GetBytes(json), JsonType, TargetPrefix + operation);

    /// <summary>Calls an operation with a body made from an object.</summary>
    public Task<KinesisReply> CallAsync(string operation, object input) => CallAsync(operation, JsonSerializer.Serialize(input));

    /// <summary>Sends what is given and nothing else but the signature headers; a null leaves the header out.</summary>
    public async Task<KinesisReply> SendAsync(
        HttpMethod method,
        byte[]? body,
        string? contentType,
        string? target,
        string path = "/",
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Version = _version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TryAddWithoutValidation("Authorization", Authorization);
        request.Headers.TryAddWithoutValidation("X-Amz-Date", "20260101T000000Z");
        if (target is not null)
            request.Headers.TryAddWithoutValidation("X-Amz-Target", target);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (contentType is not null)
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(_version, response.Version);
        var received = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(",", header.Value));
        return new KinesisReply(
            response.StatusCode, received, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Creates a provisioned stream and waits until it is ACTIVE.</summary>
    public async Task CreateStreamAsync(string name, int shards = 1)
    {
        (await CallAsync("CreateStream", new { StreamName = name, ShardCount = shards })).Succeeded();
        await UntilActiveAsync(name);
    }

    /// <summary>Waits until a stream is ACTIVE and returns its summary.</summary>
    public Task<object> UntilActiveAsync(string name) => Polling.UntilAsync<object>($"stream {name} becomes ACTIVE", Patience, async () =>
    {
        var reply = await CallAsync("DescribeStreamSummary", new { StreamName = name });
        var summary = reply.Succeeded().Json.GetProperty("StreamDescriptionSummary");
        return summary.GetProperty("StreamStatus").GetString() == "ACTIVE" ? summary : null;
    });

    /// <summary>Puts one record and returns its sequence number.</summary>
    public async Task<string> PutAsync(string stream, string key, byte[] data) =>
        (await CallAsync("PutRecord", new { StreamName = stream, PartitionKey = key, Data = data }))
            .Succeeded().Json.GetProperty("SequenceNumber").GetString()!;

    /// <summary>An iterator on the first shard, by default from its start.</summary>
    public async Task<string> IteratorAsync(string stream, string shard = "shardId-000000000000", string type = "TRIM_HORIZON") =>
        (await CallAsync("GetShardIterator", new { StreamName = stream, ShardId = shard, ShardIteratorType = type }))
            .Succeeded().Json.GetProperty("ShardIterator").GetString()!;

    /// <summary>Reads until nothing more is readable.</summary>
    public async Task<List<JsonElement>> ReadAllAsync(string stream, string shard = "shardId-000000000000")
    {
        var records = new List<JsonElement>();
        string? iterator = await IteratorAsync(stream, shard);
        while (iterator is not null)
        {
            var page = (await CallAsync("GetRecords", new { ShardIterator = iterator })).Succeeded().Json;
            var got = page.GetProperty("Records");
            records.AddRange(got.EnumerateArray());
            iterator = page.TryGetProperty("NextShardIterator", out var next) ? next.GetString() : null;
            if (got.GetArrayLength() == 0 && page.GetProperty("MillisBehindLatest").GetInt64() == 0)
                break;
        }

        return records;
    }

    public void Dispose() => _client.Dispose();
}
