using System.Buffers;
using Weir.Model;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Cbor;

/// <summary>Writes the answer of PutRecords in CBOR.</summary>
/// <param name="output">Where it goes.</param>
public sealed class PutRecordsResponseCbor(IBufferWriter<byte> output) : IPutRecordsWriter
{
    // 56 digits, shard id and the names.
    private const int MaxSuccessBytes = 128;
    private const int MaxHeadBytes = 64;

    /// <inheritdoc />
    public void Begin(int failedRecordCount)
    {
        var span = output.GetSpan(MaxHeadBytes);
        var rest = span.PutByte(CborHead.BeginMap).PutText("FailedRecordCount"u8).PutInteger(failedRecordCount);
        rest = rest.PutText("Records"u8).PutByte(CborHead.BeginList);
        output.Advance(span.Length - rest.Length);
    }

    /// <inheritdoc />
    public void Success(in SequenceNumber number, ShardId shard)
    {
        var span = output.GetSpan(MaxSuccessBytes);
        var rest = span.PutByte(CborHead.BeginMap).PutText("SequenceNumber"u8).PutText(number);
        rest = rest.PutText("ShardId"u8).PutText(shard).PutByte(CborHead.Break);
        output.Advance(span.Length - rest.Length);
    }

    /// <inheritdoc />
    public void Failure(KinesisError error)
    {
        output.WriteByte(CborHead.BeginMap);
        output.WriteCborText("ErrorCode"u8);
        output.WriteCborText(error.Code);
        output.WriteCborText("ErrorMessage"u8);
        output.WriteCborText(error.Message);
        output.WriteByte(CborHead.Break);
    }

    /// <inheritdoc />
    public void End(bool encrypted = false)
    {
        output.WriteByte(CborHead.Break);
        if (encrypted)
        {
            output.WriteCborText("EncryptionType"u8);
            output.WriteCborText("KMS"u8);
        }

        output.WriteByte(CborHead.Break);
    }
}
