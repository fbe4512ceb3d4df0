using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Weir.Cli.Bench;

/// <summary>
/// Finds single members in the bytes of an answer without reading the rest of it, in JSON or CBOR: a member is looked for by its name, and the
/// byte behind the name tells which of the two it is. Good enough for answers that a bench caused itself, and nearly free.
/// </summary>
internal static class WireMembers
{
    /// <summary>What stands behind the first occurrence of a name; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> name) => Behind(answer, name, answer.IndexOf(name));

    /// <summary>What stands behind the last occurrence of a name; empty when there is none.</summary>
    public static ReadOnlySpan<byte> BehindLast(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> name) => Behind(answer, name, answer.LastIndexOf(name));

    /// <summary>The text behind a name, or null when there is none.</summary>
    public static string? Text(ReadOnlySpan<byte> behind)
    {
        if (behind.IsEmpty)
            return null;
        if (behind.StartsWith("\":\""u8))
        {
            var text = behind[3..];
            var end = text.IndexOf((byte)'"');
            return end < 0 ? null : text[..end].Contains((byte)'\\') ? Unescaped(behind.Slice(2, end + 2)) : Encoding.UTF8.GetString(text[..end]);
        }

        const byte TextHead = 0x60;
        if ((behind[0] & 0xE0) != TextHead || !TryReadHead(behind, out var length, out var start) || length > behind.Length - start)
            return null;
        return Encoding.UTF8.GetString(behind.Slice(start, (int)length));
    }

    /// <summary>The number behind a name, or null when there is none.</summary>
    public static long? Number(ReadOnlySpan<byte> behind)
    {
        if (behind.IsEmpty)
            return null;
        if (behind.StartsWith("\":"u8))
            return Utf8Parser.TryParse(behind[2..], out long number, out _) ? number : null;
        return (behind[0] & 0xE0) == 0 && TryReadHead(behind, out var value, out _) ? value : null;
    }

    private static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> name, int at) => at < 0 ? [] : answer[(at + name.Length)..];

    // The argument of a CBOR head: in its low five bits up to 23, else in the 1, 2, 4 or 8 bytes that follow.
    private static bool TryReadHead(ReadOnlySpan<byte> bytes, out long argument, out int length)
    {
        var low = bytes[0] & 0x1F;
        (argument, length) = (low, 1);
        if (low < 24)
            return true;
        length = 1 + (1 << (low - 24));
        if (low > 27 || bytes.Length < length)
            return false;
        argument = low switch
        {
            24 => bytes[1],
            25 => BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]),
            26 => BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]),
            _ => BinaryPrimitives.ReadInt64BigEndian(bytes[1..]),
        };
        return argument >= 0;
    }

    private static string? Unescaped(ReadOnlySpan<byte> quoted)
    {
        var reader = new Utf8JsonReader(quoted);
        return reader.Read() ? reader.GetString() : null;
    }
}
