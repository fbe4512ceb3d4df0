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
        var span = output.GetSpan(MaxHeadBytes);
        var rest = span.PutByte(CborHead.BeginMap).PutText("SequenceNumber"u8).PutText(number);
        rest = rest.PutText("ApproximateArrivalTimestamp"u8).PutTime(arrival);
        rest = rest.PutText("Data"u8).PutHead(CborMajor.Bytes, (ulong)data.Length);
        output.Advance(span.Length - rest.Length);
        output.Write(data);
        if (!partitionKey.IsEmpty)
        {
            output.WriteCborText("PartitionKey"u8);
            output.WriteCborText(partitionKey);
        }

        if (encrypted)
        {
            output.WriteCborText("EncryptionType"u8);
            output.WriteCborText("KMS"u8);
        }

        output.WriteByte(CborHead.Break);
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
