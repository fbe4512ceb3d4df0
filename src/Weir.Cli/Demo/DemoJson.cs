using System.Text.Json;

namespace Weir.Cli.Demo;

/// <summary>The result for machines: one JSON object. Latencies are in milliseconds, durations in seconds.</summary>
internal static class DemoJson
{
    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter json, DemoResult result)
    {
        json.WriteStartObject();
        json.WriteBoolean("passed", result.Passed);
        json.WriteNumber("records", result.Rows);
        json.WriteNumber("speed", result.Options.Speed);
        json.WriteString("durability", result.Durability);
        json.WriteString("limits", "aws");
        json.WriteNumber("replaySeconds", Math.Round(result.Replayed.TotalSeconds, 3));
        json.WriteNumber("totalSeconds", Math.Round(result.Took.TotalSeconds, 3));
        json.WriteNumber("refusals", result.Figures.Refused);
        WriteLatency(json, "putMilliseconds", result.Figures.Put);
        WriteLatency(json, "endToEndMilliseconds", result.Figures.EndToEnd);
        WriteSplit(json, result.Split);
        WriteShards(json, result.Figures.Shards);
        json.WriteStartObject("windows");
        json.WriteNumber("count", result.Windows.Count);
        json.WriteString("sha256", result.Windows.Checksum);
        json.WriteEndObject();
        WriteAudit(json, result.Audit);
        if (result.Kept is not null)
            json.WriteString("dataDirectory", result.Kept);
        json.WriteEndObject();
    }

    private static void WriteLatency(Utf8JsonWriter json, string name, LatencyFigures latency)
    {
        json.WriteStartObject(name);
        json.WriteNumber("p50", Math.Round(latency.P50, 3));
        json.WriteNumber("p99", Math.Round(latency.P99, 3));
        json.WriteEndObject();
    }

    private static void WriteSplit(Utf8JsonWriter json, SplitFacts split)
    {
        json.WriteStartObject("split");
        json.WriteString("parent", split.Parent);
        json.WriteStartArray("children");
        foreach (var child in split.Children)
            json.WriteStringValue(child);
        json.WriteEndArray();
        json.WriteString("newStartingHashKey", split.NewStartingHashKey);
        json.WriteNumber("acknowledgedBefore", split.AcknowledgedBefore);
        json.WriteNumber("atSeconds", Math.Round(split.At.TotalSeconds, 3));
        json.WriteNumber("tookMilliseconds", Math.Round(split.Took.TotalMilliseconds, 3));
        json.WriteEndObject();
    }

    private static void WriteShards(Utf8JsonWriter json, IReadOnlyList<ShardFigures> shards)
    {
        json.WriteStartArray("shards");
        foreach (var shard in shards)
        {
            json.WriteStartObject();
            json.WriteString("shardId", shard.ShardId);
            json.WriteNumber("recordsIn", shard.RecordsIn);
            json.WriteNumber("bytesIn", shard.BytesIn);
            json.WriteNumber("recordsOut", shard.RecordsOut);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAudit(Utf8JsonWriter json, IReadOnlyList<AuditLine> audit)
    {
        json.WriteStartArray("audit");
        foreach (var line in audit)
        {
            json.WriteStartObject();
            json.WriteString("name", line.Name);
            json.WriteBoolean("passed", line.Passed);
            json.WriteString("detail", line.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
