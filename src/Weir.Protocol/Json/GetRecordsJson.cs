using System.Buffers;
using System.Buffers.Text;
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

    // All of the names behind the data.
    private const int MaxTailBytes = 64;

    // In base64 and with all around it below 16 KiB; partition keys have at most 768 bytes.
    private const int MaxUsualDataBytes = 11 * 1024;

    private readonly byte[] _time = new byte[JsonTimestamp.MaxBytes];
    private int _timeBytes;
    private DateTimeOffset _timeOf;
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
        var bytes = MaxHeadBytes + Base64.GetMaxEncodedToUtf8Length(data.Length) + partitionKey.Length + MaxTailBytes;
        var usual = data.Length <= MaxUsualDataBytes && !JsonOutput.NeedsEscapes(partitionKey);
        var span = output.GetSpan(usual ? bytes : MaxHeadBytes);
        var rest = span.Put(_afterRecord ? ","u8 : []).Put("{\"SequenceNumber\":\""u8).Put(number);
        rest = rest.Put("\",\"ApproximateArrivalTimestamp\":"u8).Put(Time(arrival)).Put(",\"Data\":\""u8);
        if (usual)
        {
            // The usual record is written at once: asking for room, piece by piece, costs as much as filling it.
            Base64.EncodeToUtf8(data, rest, out _, out var encoded);
            rest = rest[encoded..];
            if (!partitionKey.IsEmpty)
                rest = rest.Put(BeforeKey).Put(partitionKey);
            rest = rest.Put(encrypted ? EncryptedTail : Tail);
            output.Advance(span.Length - rest.Length);
        }
        else
        {
            output.Advance(span.Length - rest.Length);
            output.WriteBase64(data);
            if (!partitionKey.IsEmpty)
            {
                output.Write(BeforeKey);
                output.WriteText(partitionKey);
            }

            output.Write(encrypted ? EncryptedTail : Tail);
        }

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

    private static ReadOnlySpan<byte> BeforeKey => "\",\"PartitionKey\":\""u8;

    private static ReadOnlySpan<byte> Tail => "\"}"u8;

    private static ReadOnlySpan<byte> EncryptedTail => "\",\"EncryptionType\":\"KMS\"}"u8;

    // Records that came together have one time.
    private ReadOnlySpan<byte> Time(DateTimeOffset arrival)
    {
        if (_timeBytes == 0 || arrival != _timeOf)
        {
            _timeBytes = JsonTimestamp.Format(arrival, _time);
            _timeOf = arrival;
        }

        return _time.AsSpan(0, _timeBytes);
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
