using System.Buffers.Binary;

namespace Weir.Protocol.EventStream;

/// <summary>Layout of a message of <c>application/vnd.amazon.eventstream</c> (spec section 8.2). All numbers are big-endian.</summary>
/// <remarks>
/// <code>
///   0        4          8      12          12+h        12+h+p      16+h+p
///   | total  | headers  | CRC  | headers   | payload   | CRC of    |
///   | length | length h | 0..7 |           |           | all before|
/// </code>
/// </remarks>
public static class EventStreamFrame
{
    /// <summary>The content type of a stream of such messages.</summary>
    public const string ContentType = "application/vnd.amazon.eventstream";

    /// <summary>Bytes in front of the headers: two lengths and their checksum.</summary>
    public const int PreludeBytes = 12;

    /// <summary>Bytes behind the payload.</summary>
    public const int ChecksumBytes = 4;

    /// <summary>Bytes of all headers of a message at most. Source: spec 8.2 [D].</summary>
    public const int MaxHeaderBytes = 128 * 1024;

    /// <summary>Bytes of a payload at most. Source: spec 8.2 [D].</summary>
    public const int MaxPayloadBytes = 24 * 1024 * 1024;

    /// <summary>Completes a message whose headers and payload are in their places: writes the lengths and both checksums.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="headerBytes">Length of its headers, which begin behind the prelude.</param>
    public static void Seal(Span<byte> message, int headerBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(headerBytes, MaxHeaderBytes);
        var payloadBytes = message.Length - PreludeBytes - headerBytes - ChecksumBytes;
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes, nameof(message));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadBytes, MaxPayloadBytes, nameof(message));
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message[4..], headerBytes);
        BinaryPrimitives.WriteUInt32BigEndian(message[8..], Crc32.Of(message[..8]));
        BinaryPrimitives.WriteUInt32BigEndian(message[^ChecksumBytes..], Crc32.Of(message[..^ChecksumBytes]));
    }

    /// <summary>A whole message.</summary>
    public static byte[] Encode(EventStreamHeaders headers, ReadOnlySpan<byte> payload)
    {
        var headerBytes = headers.Encode();
        var message = new byte[PreludeBytes + headerBytes.Length + payload.Length + ChecksumBytes];
        headerBytes.CopyTo(message, PreludeBytes);
        payload.CopyTo(message.AsSpan(PreludeBytes + headerBytes.Length));
        Seal(message, headerBytes.Length);
        return message;
    }

    /// <summary>Reads the first message of some bytes.</summary>
    /// <param name="bytes">What has arrived so far. The message refers to it and copies nothing.</param>
    /// <param name="message">The message when it is complete.</param>
    /// <param name="neededBytes">How long the bytes have to be before another call is of use; its own length for a complete message.</param>
    /// <returns>Complete, incomplete, or damaged: nothing behind damage can be trusted, for the lengths are lost with it.</returns>
    public static EventStreamStatus TryRead(ReadOnlyMemory<byte> bytes, out EventStreamMessage message, out int neededBytes)
    {
        message = default;
        neededBytes = PreludeBytes;
        var span = bytes.Span;
        if (span.Length < PreludeBytes)
            return EventStreamStatus.Incomplete;
        if (BinaryPrimitives.ReadUInt32BigEndian(span[8..]) != Crc32.Of(span[..8]))
            return EventStreamStatus.Damaged;
        var total = BinaryPrimitives.ReadUInt32BigEndian(span);
        var headerBytes = BinaryPrimitives.ReadUInt32BigEndian(span[4..]);
        if (headerBytes > MaxHeaderBytes || total < PreludeBytes + headerBytes + ChecksumBytes
            || total > PreludeBytes + headerBytes + MaxPayloadBytes + ChecksumBytes)
            return EventStreamStatus.Damaged;
        neededBytes = (int)total;
        if (span.Length < neededBytes)
            return EventStreamStatus.Incomplete;
        span = span[..neededBytes];
        if (BinaryPrimitives.ReadUInt32BigEndian(span[^ChecksumBytes..]) != Crc32.Of(span[..^ChecksumBytes]))
            return EventStreamStatus.Damaged;
        if (EventStreamHeaders.TryRead(span.Slice(PreludeBytes, (int)headerBytes)) is not { } headers)
            return EventStreamStatus.Damaged;
        message = new EventStreamMessage(headers, bytes[(PreludeBytes + (int)headerBytes)..(neededBytes - ChecksumBytes)]);
        return EventStreamStatus.Complete;
    }
}

/// <summary>How reading a message ended.</summary>
public enum EventStreamStatus
{
    /// <summary>The message is there, and its checksums match.</summary>
    Complete,

    /// <summary>Bytes are missing.</summary>
    Incomplete,

    /// <summary>A checksum does not match, or a length makes no sense.</summary>
    Damaged,
}

/// <summary>One message as it was read.</summary>
/// <param name="Headers">Its headers.</param>
/// <param name="Payload">Its payload; lent, as long as the bytes that it was read from.</param>
public readonly record struct EventStreamMessage(EventStreamHeaders Headers, ReadOnlyMemory<byte> Payload);
