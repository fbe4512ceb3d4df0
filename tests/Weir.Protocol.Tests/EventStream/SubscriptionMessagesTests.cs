using System.Buffers;
using System.Text;
using Weir.Protocol.EventStream;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.EventStream;

/// <summary>The messages of a subscription against the bytes that spec section 8.4 has computed.</summary>
public sealed class SubscriptionMessagesTests
{
    private const string InitialResponse =
        "00 00 00 68 00 00 00 56 4e 68 17 24 0d 3a 6d 65 73 73 61 67 65 2d 74 79"
        + "70 65 07 00 05 65 76 65 6e 74 0b 3a 65 76 65 6e 74 2d 74 79 70 65 07 00"
        + "10 69 6e 69 74 69 61 6c 2d 72 65 73 70 6f 6e 73 65 0d 3a 63 6f 6e 74 65"
        + "6e 74 2d 74 79 70 65 07 00 10 61 70 70 6c 69 63 61 74 69 6f 6e 2f 6a 73"
        + "6f 6e 7b 7d fe 94 2c 1d";

    private static readonly SubscriptionMessages Json = SubscriptionMessages.Of(WireCodec.Json);

    [Fact]
    public void The_initial_response_is_byte_exact() =>
        Assert.Equal(InitialResponse.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(Json.InitialResponse.Span));

    [Fact]
    public void An_event_is_byte_exact()
    {
        var message = Event(Json, Encoding.ASCII.GetBytes("""{"ContinuationSequenceNumber":"1","MillisBehindLatest":0,"Records":[]}"""));
        Assert.Equal(177, message.Length);
        Assert.Equal("000000b10000005bb43c76b1", Convert.ToHexStringLower(message.AsSpan(0, 12)));
        Assert.Equal("676c10b3", Convert.ToHexStringLower(message.AsSpan(173)));
    }

    [Fact]
    public void An_exception_is_byte_exact()
    {
        var message = Json.Exception(new KinesisError(ErrorCodes.ResourceInUse, "x"));
        Assert.Equal(131, message.Length);
        Assert.Equal("0000008300000064d9bbb06a", Convert.ToHexStringLower(message.AsSpan(0, 12)));
        Assert.Equal("e1ecdf10", Convert.ToHexStringLower(message.AsSpan(127)));
    }

    [Fact]
    public void Payloads_in_cbor_say_so()
    {
        var cbor = SubscriptionMessages.Of(WireCodec.Cbor);
        var output = new ArrayBufferWriter<byte>();
        var records = WireCodec.Cbor.CreateRecordsWriter(output);
        records.Begin();
        records.EndEvent(continuation: null, millisBehindLatest: 7, childShards: []);
        EventStreamFrame.TryRead(Event(cbor, output.WrittenSpan), out var message, out _);
        Assert.Equal("application/cbor", message.Headers[EventStreamHeaders.ContentType]);
        Assert.True(WireCodec.Cbor.TryRead(message.Payload.Span, out var map));
        Assert.Equal(7, SubscribeToShardEvent.Read(map).MillisBehindLatest);
        EventStreamFrame.TryRead(cbor.InitialResponse, out message, out _);
        Assert.Equal(SubscriptionMessages.InitialResponseEvent, message.Headers[EventStreamHeaders.EventType]);
        Assert.True(WireCodec.Cbor.TryRead(message.Payload.Span, out _));
    }

    private static byte[] Event(SubscriptionMessages messages, ReadOnlySpan<byte> payload)
    {
        var output = new ArrayBufferWriter<byte>();
        messages.BeginEvent(output);
        output.Write(payload);
        SubscriptionMessages.EndEvent(output);
        var message = output.WrittenSpan.ToArray();
        messages.SealEvent(message);
        Assert.Equal(payload.Length + messages.EventOverheadBytes, message.Length);
        return message;
    }
}
