using System.Text;
using System.Text.Json;

namespace Weir.Server.Tests;

/// <summary>An answer of GetRecords.</summary>
internal sealed record RecordsPage(JsonElement Json)
{
    public JsonElement[] Records => [.. Json.GetProperty("Records").EnumerateArray()];

    /// <summary>The records' data, put as text.</summary>
    public string[] Texts => [.. Records.Select(record => Encoding.UTF8.GetString(record.GetProperty("Data").GetBytesFromBase64()))];

    public string? Next => Json.TryGetProperty("NextShardIterator", out var next) ? next.GetString() : null;

    public long MillisBehindLatest => Json.GetProperty("MillisBehindLatest").GetInt64();

    public JsonElement[]? Children => Json.TryGetProperty("ChildShards", out var children) ? [.. children.EnumerateArray()] : null;
}
