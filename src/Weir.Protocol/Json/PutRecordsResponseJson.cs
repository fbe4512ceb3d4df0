using System.Buffers;
using System.Globalization;
using Weir.Model;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Json;

/// <summary>Writes the answer of PutRecords in JSON.</summary>
/// <param name="output">Where it goes.</param>
public sealed class PutRecordsResponseJson(IBufferWriter<byte> output) : IPutRecordsWriter
{
    // 56 digits, shard id and the names.
    private const int MaxSuccessBytes = 128;
    private const int MaxHeadBytes = 64;

    private bool _afterEntry;

    /// <inheritdoc />
    public void Begin(int failedRecordCount)
    {
        _afterEntry = false;
        var span = output.GetSpan(MaxHeadBytes);
        var rest = span.Put("{\"FailedRecordCount\":"u8);
        failedRecordCount.TryFormat(rest, out var digits, provider: CultureInfo.InvariantCulture);
        rest = rest[digits..].Put(",\"Records\":["u8);
        output.Advance(span.Length - rest.Length);
    }

    /// <inheritdoc />
    public void Success(in SequenceNumber number, ShardId shard)
    {
        var span = output.GetSpan(MaxSuccessBytes);
        var rest = span.Put(Separator).Put("{\"SequenceNumber\":\""u8).Put(number);
        rest = rest.Put("\",\"ShardId\":\""u8).Put(shard).Put("\"}"u8);
        output.Advance(span.Length - rest.Length);
        _afterEntry = true;
    }

    /// <inheritdoc />
    public void Failure(KinesisError error)
    {
        output.Write(Separator);
        output.Write("{\"ErrorCode\":\""u8);
        output.WriteText(error.Code);
        output.Write("\",\"ErrorMessage\":\""u8);
        output.WriteText(error.Message);
        output.Write("\"}"u8);
        _afterEntry = true;
    }

    /// <inheritdoc />
    public void End(bool encrypted = false) => output.Write(encrypted ? "],\"EncryptionType\":\"KMS\"}"u8 : "]}"u8);

    private ReadOnlySpan<byte> Separator => _afterEntry ? ","u8 : [];
}
