using System.Buffers;
using Weir.Model;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Cbor;

/// <summary>Writes records in CBOR, as GetRecords answers them and as a subscription's events carry them.</summary>
/// <remarks>Never asks its output for more than 16 KiB at once, however large a record is.</remarks>
/// <param name="output">Where the bytes go.</param>
public sealed class GetRecordsCbor(IBufferWriter<byte> output) : IRecordsWriter
{
    // 56 digits, the time and the names up to the data's length.
    private const int MaxHeadBytes = 160;

    // All of the names behind the data, and the key's head.
    private const int MaxTailBytes = 64;

    // With all around it below 16 KiB; partition keys have at most 768 bytes.
    private const int MaxUsualDataBytes = 15 * 1024;

    /// <inheritdoc />
    public void Begin()
    {
        output.WriteByte(CborHead.BeginMap);
        output.WriteCborText("Records"u8);
        output.WriteByte(CborHead.BeginList);
    }

    /// <inheritdoc />
    public void Record(
        in SequenceNumber number,
        DateTimeOffset arrival,
        ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> partitionKey,
        bool encrypted = false)
    {
        var usual = data.Length <= MaxUsualDataBytes;
        var span = output.GetSpan(usual ? MaxHeadBytes + data.Length + partitionKey.Length + MaxTailBytes : MaxHeadBytes);
        var rest = span.PutByte(CborHead.BeginMap).PutText("SequenceNumber"u8).PutText(number);
        rest = rest.PutText("ApproximateArrivalTimestamp"u8).PutTime(arrival);
        rest = rest.PutText("Data"u8).PutHead(CborMajor.Bytes, (ulong)data.Length);
        if (usual)
        {
            // The usual record is written at once: asking for room, piece by piece, costs as much as filling it.
            rest = rest.Put(data);
        }
        else
        {
            output.Advance(span.Length - rest.Length);
            output.Write(data);
            span = output.GetSpan(partitionKey.Length + MaxTailBytes);
            rest = span;
        }

        if (!partitionKey.IsEmpty)
            rest = rest.PutText("PartitionKey"u8).PutText(partitionKey);
        if (encrypted)
            rest = rest.PutText("EncryptionType"u8).PutText("KMS"u8);
        rest = rest.PutByte(CborHead.Break);
        output.Advance(span.Length - rest.Length);
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
    private CborWireWriter EndRecords()
    {
        output.WriteByte(CborHead.Break);
        return new CborWireWriter(output);
    }

    private static void End(CborWireWriter writer, long millisBehindLatest, IReadOnlyList<ChildShard>? childShards)
    {
        writer.Member("MillisBehindLatest"u8, millisBehindLatest);
        writer.Structures("ChildShards"u8, childShards);
        writer.EndMap();
    }
}
