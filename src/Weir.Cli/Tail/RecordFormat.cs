using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Weir.Cli.Output;
using Weir.Protocol.Messages;

namespace Weir.Cli.Tail;

/// <summary>How a record is written: one line each.</summary>
internal enum RecordFormat
{
    /// <summary>Its data as it is.</summary>
    Text,

    /// <summary>An object with everything, the data in base64.</summary>
    Json,

    /// <summary>Its data in hexadecimal digits.</summary>
    Hex,
}

/// <summary>Writes records.</summary>
internal static class RecordWriter
{
    private static readonly JsonWriterOptions OneLine = JsonOutput.Readable with { Indented = false };

    /// <summary>Writes one record with its line's end.</summary>
    public static void Write(this RecordFormat format, IBufferWriter<byte> output, string stream, string shard, Record record)
    {
        var data = (record.Data ?? default).Span;
        switch (format)
        {
            case RecordFormat.Json:
                WriteJson(output, stream, shard, record);
                break;
            case RecordFormat.Hex:
                var digits = output.GetSpan(data.Length * 2);
                Convert.TryToHexStringLower(data, digits, out var written);
                output.Advance(written);
                break;
            default:
                output.Write(data);
                break;
        }

        output.Write("\n"u8);
    }

    private static void WriteJson(IBufferWriter<byte> output, string stream, string shard, Record record)
    {
        using var json = new Utf8JsonWriter(output, OneLine);
        json.WriteStartObject();
        json.WriteString("stream", stream);
        json.WriteString("shardId", shard);
        json.WriteString("sequenceNumber", record.SequenceNumber);
        json.WriteString("partitionKey", record.PartitionKey);
        json.WriteString(
            "approximateArrivalTimestamp", record.ApproximateArrivalTimestamp?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteBase64String("data", (record.Data ?? default).Span);
        json.WriteEndObject();
    }
}
