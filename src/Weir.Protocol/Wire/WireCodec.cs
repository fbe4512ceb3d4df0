using System.Buffers;
using Weir.Model;
using Weir.Protocol.Cbor;
using Weir.Protocol.Json;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;

namespace Weir.Protocol.Wire;

/// <summary>One encoding of the API: everything that an endpoint needs once it has looked at the content type.</summary>
/// <remarks>Thread-safe; codecs have no state. What they create belongs to the caller and is not thread-safe.</remarks>
public abstract class WireCodec
{
    /// <summary>JSON, <c>application/x-amz-json-1.1</c>.</summary>
    public static WireCodec Json { get; } = new JsonWireCodec();

    /// <summary>CBOR, <c>application/x-amz-cbor-1.1</c>: what the Java clients send unless they are told otherwise.</summary>
    public static WireCodec Cbor { get; } = new CborWireCodec();

    /// <summary>The encoding of a content type without its parameters, or null when it is neither's.</summary>
    public static WireCodec? Find(string? contentType) =>
        contentType == Json.ContentType ? Json : contentType == Cbor.ContentType ? Cbor : null;

    /// <summary>The content type of requests and responses.</summary>
    public abstract string ContentType { get; }

    /// <summary>Reads a body on the general path. False when it is not one well-formed map. Never throws.</summary>
    public abstract bool TryRead(ReadOnlySpan<byte> body, out WireValue value);

    /// <summary>As <see cref="TryRead"/>, for a client: it reads what the AWS SDKs understand of other servers' answers too.</summary>
    public virtual bool TryReadAnswer(ReadOnlySpan<byte> body, out WireValue value) => TryRead(body, out value);

    /// <summary>Reads an ordinary answer of a PutRecords on the fast path, for a client; null sends it to <see cref="TryReadAnswer"/>.</summary>
    public virtual PutRecordsResponse? TryReadPutRecordsAnswer(ReadOnlySpan<byte> body) => null;

    /// <summary>Reads an ordinary, legal PutRecord on the fast path; false sends it to the general path.</summary>
    public abstract bool TryReadPutRecord(ReadOnlySpan<byte> body, PutRequest request);

    /// <summary>Reads an ordinary, legal PutRecords on the fast path; false sends it to the general path.</summary>
    public abstract bool TryReadPutRecords(ReadOnlySpan<byte> body, PutRequest request);

    /// <summary>A writer for one message.</summary>
    public abstract WireWriter CreateWriter(IBufferWriter<byte> output);

    /// <summary>Writes the answer of a PutRecord.</summary>
    public abstract void WritePutRecord(
        IBufferWriter<byte> output, in SequenceNumber number, ShardId shard, bool encrypted = false);

    /// <summary>A writer for the answer of a PutRecords.</summary>
    public abstract IPutRecordsWriter CreatePutRecordsWriter(IBufferWriter<byte> output);

    /// <summary>A writer for the answer of a GetRecords, or for an event of SubscribeToShard.</summary>
    public abstract IRecordsWriter CreateRecordsWriter(IBufferWriter<byte> output);
}
