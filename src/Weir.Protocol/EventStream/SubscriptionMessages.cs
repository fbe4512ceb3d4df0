using System.Buffers;
using Weir.Protocol.Wire;

namespace Weir.Protocol.EventStream;

/// <summary>The messages that a SubscribeToShard answers with, in one encoding of their payloads (spec section 8.3).</summary>
/// <remarks>Thread-safe; immutable.</remarks>
public sealed class SubscriptionMessages
{
    /// <summary>The name of the first message's event, which clients wait for before any other.</summary>
    public const string InitialResponseEvent = "initial-response";

    /// <summary>The name of the event that carries records.</summary>
    public const string ShardEvent = "SubscribeToShardEvent";

    /// <summary>The type of messages that carry an event.</summary>
    public const string EventMessage = "event";

    /// <summary>The type of messages that carry an exception of the service model.</summary>
    public const string ExceptionMessage = "exception";

    /// <summary>The type of messages that carry another error.</summary>
    public const string ErrorMessage = "error";

    /// <summary>The content type of payloads in CBOR. Others are JSON, whatever they are called: production's name is not known.</summary>
    public const string CborContentType = "application/cbor";

    private const string JsonContentType = "application/json";

    private static readonly SubscriptionMessages Json = new(WireCodec.Json, JsonContentType);
    private static readonly SubscriptionMessages Cbor = new(WireCodec.Cbor, CborContentType);

    private readonly WireCodec _codec;
    private readonly string _contentType;
    private readonly byte[] _eventHeaders;

    private SubscriptionMessages(WireCodec codec, string contentType)
    {
        (_codec, _contentType) = (codec, contentType);
        _eventHeaders = EventHeaders(ShardEvent).Encode();
        var nothing = new ArrayBufferWriter<byte>();
        var writer = codec.CreateWriter(nothing);
        writer.BeginMap();
        writer.EndMap();
        InitialResponse = EventStreamFrame.Encode(EventHeaders(InitialResponseEvent), nothing.WrittenSpan);
    }

    /// <summary>The mandatory first message, whole.</summary>
    public ReadOnlyMemory<byte> InitialResponse { get; }

    /// <summary>Bytes that the frame of an event takes beside its payload.</summary>
    public int EventOverheadBytes => EventStreamFrame.PreludeBytes + _eventHeaders.Length + EventStreamFrame.ChecksumBytes;

    /// <summary>The messages whose payloads are in this encoding.</summary>
    public static SubscriptionMessages Of(WireCodec codec) => codec == WireCodec.Cbor ? Cbor : Json;

    /// <summary>Begins an event: leaves room for its prelude and writes its headers. The payload follows.</summary>
    public void BeginEvent(IBufferWriter<byte> output)
    {
        Reserve(output, EventStreamFrame.PreludeBytes);
        output.Write(_eventHeaders);
    }

    /// <summary>Ends an event behind its payload: leaves room for its checksum. Then <see cref="SealEvent"/>.</summary>
    public static void EndEvent(IBufferWriter<byte> output) => Reserve(output, EventStreamFrame.ChecksumBytes);

    /// <summary>Writes the lengths and checksums of an event that is otherwise complete.</summary>
    public void SealEvent(Span<byte> message) => EventStreamFrame.Seal(message, _eventHeaders.Length);

    /// <summary>The message that ends a subscription with an exception.</summary>
    /// <param name="error">Its code is the shape's name.</param>
    public byte[] Exception(KinesisError error)
    {
        var payload = new ArrayBufferWriter<byte>();
        var writer = _codec.CreateWriter(payload);
        writer.BeginMap();
        writer.Member("message"u8, error.Message);
        writer.EndMap();
        var headers = new EventStreamHeaders(
            (EventStreamHeaders.MessageType, ExceptionMessage),
            (EventStreamHeaders.ExceptionType, error.Code),
            (EventStreamHeaders.ContentType, _contentType));
        return EventStreamFrame.Encode(headers, payload.WrittenSpan);
    }

    private EventStreamHeaders EventHeaders(string type) => new(
        (EventStreamHeaders.MessageType, EventMessage), (EventStreamHeaders.EventType, type), (EventStreamHeaders.ContentType, _contentType));

    private static void Reserve(IBufferWriter<byte> output, int bytes)
    {
        output.GetSpan(bytes)[..bytes].Clear();
        output.Advance(bytes);
    }
}
