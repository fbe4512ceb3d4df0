using System.Buffers;
using System.Text.Json;

namespace Weir.Cli.Demo;

/// <summary>A row as the data of a record: one JSON object.</summary>
internal static class DemoRecord
{
    /// <summary>Writes a row.</summary>
    public static ReadOnlyMemory<byte> Encode(TraceRow row)
    {
        var bytes = new ArrayBufferWriter<byte>(160);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("row", row.Number);
            json.WriteString("time", row.Time);
            json.WriteString("tenant", row.Tenant);
            json.WriteNumber("contextTokens", row.ContextTokens);
            json.WriteNumber("generatedTokens", row.GeneratedTokens);
            json.WriteEndObject();
        }

        return bytes.WrittenMemory;
    }

    /// <summary>Reads a row back.</summary>
    /// <exception cref="InvalidDataException">The data is not a row.</exception>
    public static TraceRow Decode(ReadOnlyMemory<byte> data)
    {
        try
        {
            using var json = JsonDocument.Parse(data);
            var root = json.RootElement;
            return new TraceRow(
                root.GetProperty("row").GetInt32(),
                root.GetProperty("time").GetDateTime(),
                root.GetProperty("contextTokens").GetInt32(),
                root.GetProperty("generatedTokens").GetInt32());
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException("A record of the stream is not a row of the trace.", exception);
        }
    }
}
