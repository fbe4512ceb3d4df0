using System.Buffers;
using Weir.Model;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Json;

/// <summary>Writes records in JSON, as GetRecords answers them and as a subscription's events carry them.</summary>
/// <remarks>Never asks its output for more than 16 KiB at once, however large a record is.</remarks>
/// <param name="output">Where the bytes go.</param>
public sealed class GetRecordsJson(IBufferWriter<byte> output) : IRecordsWriter
{
    // 56 digits, the time and the names up to the data's quote.
    private const int MaxHeadBytes = 160;

    private bool _afterRecord;

    /// <inheritdoc />
    public void Begin()
    {
        _afterRecord = false;
        output.Write("{\"Records\":["u8);
    }

    /// <inheritdoc />
    public void Record(
        in SequenceNumber number,
        DateTimeOffset arrival,
        ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> partitionKey,
        bool encrypted = false)
    {
        var span = output.GetSpan(MaxHeadBytes);
        var rest = span.Put(_afterRecord ? ","u8 : []).Put("{\"SequenceNumber\":\""u8).Put(number);
        rest = rest.Put("\",\"ApproximateArrivalTimestamp\":"u8);
        rest = rest[JsonTimestamp.Format(arrival, rest)..].Put(",\"Data\":\""u8);
        output.Advance(span.Length - rest.Length);
        output.WriteBase64(data);
        if (!partitionKey.IsEmpty)
        {
            output.Write("\",\"PartitionKey\":\""u8);
            output.WriteText(partitionKey);
        }

        output.Write(encrypted ? "\",\"EncryptionType\":\"KMS\"}"u8 : "\"}"u8);
        _afterRecord = true;
    }

    /// <inheritdoc />
    public void End(string? nextShardIterator, long millisBehindLatest, IReadOnlyList<ChildShard>? childShards)
    {
        var writer = EndRecords();
        writer.Member("NextShardIterator"u8, nextShardIterator);
        End(writer, millisBehindLatest, childShards);
    }

    /// <inheritdoc />
    public void EndEvent(SequenceNumber? continuation, long millisBehindLatest, IReadOnlyList<ChildShard>? childShards)
    {
        var writer = EndRecords();
        if (continuation is { } number)
        {
            Span<byte> digits = stackalloc byte[SequenceNumber.Digits + 1];
            writer.Name("ContinuationSequenceNumber"u8);
            writer.String(digits[..number.Format(digits)]);
        }

        End(writer, millisBehindLatest, childShards);
    }

    // The few members behind the records go through the general writer, which takes over inside the open map.
    private JsonWireWriter EndRecords()
    {
        output.Write("]"u8);
        return JsonWireWriter.InOpenMap(output);
    }

    private static void End(JsonWireWriter writer, long millisBehindLatest, IReadOnlyList<ChildShard>? childShards)
    {
        writer.Member("MillisBehindLatest"u8, millisBehindLatest);
        writer.Structures("ChildShards"u8, childShards);
        writer.EndMap();
    }
}
