using System.Buffers.Binary;
using System.Text;

namespace Weir.Conformance.Compatibility;

/// <summary>One message of an event stream: headers, of which the service only sends texts, and a payload.</summary>
internal sealed record EventStreamMessage(IReadOnlyDictionary<string, string> Headers, byte[] Payload);

/// <summary>Reads messages of <c>application/vnd.amazon.eventstream</c> and checks both checksums of each.</summary>
internal static class EventStreamReader
{
    private const int PreludeBytes = 12;
    private const int ChecksumBytes = 4;
    private const byte TextHeader = 7;
    private const int MaxMessageBytes = 24 * 1024 * 1024;

    /// <summary>The next message, or null at the end of the stream.</summary>
    public static async Task<EventStreamMessage?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var prelude = new byte[PreludeBytes];
        var got = await stream.ReadAtLeastAsync(prelude, PreludeBytes, throwOnEndOfStream: false, cancellationToken);
        if (got == 0)
            return null;
        if (got < PreludeBytes)
            throw new EndOfStreamException("The event stream ends within a message.");
        CheckSum(prelude.AsSpan(0, PreludeBytes - ChecksumBytes), prelude.AsSpan(PreludeBytes - ChecksumBytes));
        var totalBytes = BinaryPrimitives.ReadInt32BigEndian(prelude);
        var headerBytes = BinaryPrimitives.ReadInt32BigEndian(prelude.AsSpan(4));
        if (totalBytes > MaxMessageBytes || headerBytes > totalBytes - PreludeBytes - ChecksumBytes)
            throw new InvalidDataException($"A message of {totalBytes} bytes with {headerBytes} bytes of headers.");
        var message = new byte[totalBytes];
        prelude.CopyTo(message, 0);
        await stream.ReadExactlyAsync(message.AsMemory(PreludeBytes), cancellationToken);
        CheckSum(message.AsSpan(0, totalBytes - ChecksumBytes), message.AsSpan(totalBytes - ChecksumBytes));
        return new EventStreamMessage(
            Headers(message.AsSpan(PreludeBytes, headerBytes)), message[(PreludeBytes + headerBytes)..(totalBytes - ChecksumBytes)]);
    }

    private static Dictionary<string, string> Headers(ReadOnlySpan<byte> bytes)
    {
        var headers = new Dictionary<string, string>();
        while (!bytes.IsEmpty)
        {
            var name = Encoding.ASCII.GetString(bytes.Slice(1, bytes[0]));
            bytes = bytes[(1 + name.Length)..];
            if (bytes[0] != TextHeader)
                throw new InvalidDataException($"The header {name} is of type {bytes[0]}.");
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]);
            headers.Add(name, Encoding.UTF8.GetString(bytes.Slice(3, length)));
            bytes = bytes[(3 + length)..];
        }

        return headers;
    }

    private static void CheckSum(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> expected)
    {
        // CRC-32 as in zlib, bit by bit: these messages are few and small.
        var checksum = uint.MaxValue;
        foreach (var value in bytes)
        {
            checksum ^= value;
            for (var bit = 0; bit < 8; bit++)
                checksum = (checksum >> 1) ^ ((checksum & 1) * 0xEDB88320u);
        }

        if (~checksum != BinaryPrimitives.ReadUInt32BigEndian(expected))
            throw new InvalidDataException($"The checksum of {bytes.Length} bytes of a message is wrong.");
    }
}
