using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Weir.Model;

namespace Weir.CrashTests;

/// <summary>The few calls that the crash tests need, one HTTP connection an instance. A refusal throws with the server's text.</summary>
internal sealed class Api(Uri endpoint) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = endpoint };

    public async Task<JsonElement> CallAsync(string operation, object input)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/");
        request.Headers.TryAddWithoutValidation("X-Amz-Target", $"Kinesis_20131202.{operation}");
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(input));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        using var response = await _http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new RefusedException($"{operation}: {(int)response.StatusCode} {body}");
        return body.Length == 0 ? default : JsonDocument.Parse(body).RootElement;
    }

    /// <summary>Every shard of the stream, open or closed, by id.</summary>
    public async Task<List<JsonElement>> ShardsAsync(string stream) =>
        [.. (await CallAsync("ListShards", new { StreamName = stream })).GetProperty("Shards").EnumerateArray()];

    /// <summary>Everything that is stored, by shard, in order.</summary>
    public async Task<Dictionary<string, List<StoredRecord>>> ReadAllAsync(string stream)
    {
        var stored = new Dictionary<string, List<StoredRecord>>();
        foreach (var shard in await ShardsAsync(stream))
        {
            var id = shard.GetProperty("ShardId").GetString()!;
            stored[id] = await ReadShardAsync(stream, id);
        }

        return stored;
    }

    /// <summary>The server's clock, after moving it as the body says; null only looks.</summary>
    public async Task<DateTimeOffset> ClockAsync(object? move = null)
    {
        var path = new Uri("/_weir/clock", UriKind.Relative);
        using var response = move is null ? await _http.GetAsync(path) : await _http.PostAsync(path, new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(move)));
        var body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new RefusedException($"clock: {(int)response.StatusCode} {body}");
        return Moment(JsonDocument.Parse(body).RootElement.GetProperty("nowSeconds"));
    }

    public void Dispose() => _http.Dispose();

    private static DateTimeOffset Moment(JsonElement seconds) => DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds.GetDecimal() * 1000));

    private async Task<List<StoredRecord>> ReadShardAsync(string stream, string shard)
    {
        var records = new List<StoredRecord>();
        var iterator = (await CallAsync("GetShardIterator", new { StreamName = stream, ShardId = shard, ShardIteratorType = "TRIM_HORIZON" }))
            .GetProperty("ShardIterator").GetString();
        while (iterator is not null)
        {
            var page = await CallAsync("GetRecords", new { ShardIterator = iterator });
            var count = records.Count;
            foreach (var record in page.GetProperty("Records").EnumerateArray())
            {
                Assert.True(SequenceNumber.TryParse(record.GetProperty("SequenceNumber").GetString(), out var number));
                var data = Encoding.UTF8.GetString(record.GetProperty("Data").GetBytesFromBase64());
                var end = data.IndexOf('|', StringComparison.Ordinal);
                records.Add(new StoredRecord(data[..end], number, data) { Key = record.GetProperty("PartitionKey").GetString()!, ArrivedAt = Moment(record.GetProperty("ApproximateArrivalTimestamp")) });
            }

            var caughtUp = page.GetProperty("MillisBehindLatest").GetInt64() == 0;
            iterator = caughtUp && records.Count == count ? null
                : page.TryGetProperty("NextShardIterator", out var next) ? next.GetString() : null;
        }

        return records;
    }
}

/// <summary>The server answered, and said no.</summary>
internal sealed class RefusedException(string message) : Exception(message);
