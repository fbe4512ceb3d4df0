using System.Buffers;
using Weir.Model;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Cbor;

/// <summary>The CBOR encoding.</summary>
internal sealed class CborWireCodec : WireCodec
{
    public override string ContentType => "application/x-amz-cbor-1.1";

    public override bool TryRead(ReadOnlySpan<byte> body, out WireValue value) => CborWireReader.TryRead(body, out value);

    public override bool TryReadAnswer(ReadOnlySpan<byte> body, out WireValue value) => CborWireReader.TryReadAnswer(body, out value);

    public override bool TryReadPutRecord(ReadOnlySpan<byte> body, PutRequest request) => PutRecordCbor.TryRead(body, request);

    public override bool TryReadPutRecords(ReadOnlySpan<byte> body, PutRequest request) => PutRecordsCbor.TryRead(body, request);

    public override WireWriter CreateWriter(IBufferWriter<byte> output) => new CborWireWriter(output);

    public override void WritePutRecord(
        IBufferWriter<byte> output, in SequenceNumber number, ShardId shard, bool encrypted = false) =>
        PutRecordCbor.Write(output, number, shard, encrypted);

    public override IPutRecordsWriter CreatePutRecordsWriter(IBufferWriter<byte> output) => new PutRecordsResponseCbor(output);

    public override IRecordsWriter CreateRecordsWriter(IBufferWriter<byte> output) => new GetRecordsCbor(output);
}
