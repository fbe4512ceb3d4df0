using System.Buffers;
using Weir.Model;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Json;

/// <summary>The JSON encoding.</summary>
internal sealed class JsonWireCodec : WireCodec
{
    public override string ContentType => "application/x-amz-json-1.1";

    public override bool TryRead(ReadOnlySpan<byte> body, out WireValue value) => JsonWireReader.TryRead(body, out value);

    public override PutRecordsResponse? TryReadPutRecordsAnswer(ReadOnlySpan<byte> body) => PutRecordsAnswerJson.TryRead(body);

    public override bool TryReadPutRecord(ReadOnlySpan<byte> body, PutRequest request) => PutRecordJson.TryRead(body, request);

    public override bool TryReadPutRecords(ReadOnlySpan<byte> body, PutRequest request) => PutRecordsJson.TryRead(body, request);

    public override WireWriter CreateWriter(IBufferWriter<byte> output) => new JsonWireWriter(output);

    public override void WritePutRecord(
        IBufferWriter<byte> output, in SequenceNumber number, ShardId shard, bool encrypted = false) =>
        PutRecordJson.Write(output, number, shard, encrypted);

    public override IPutRecordsWriter CreatePutRecordsWriter(IBufferWriter<byte> output) => new PutRecordsResponseJson(output);

    public override IRecordsWriter CreateRecordsWriter(IBufferWriter<byte> output) => new GetRecordsJson(output);
}
