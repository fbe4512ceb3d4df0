using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Weir.Model;

namespace Weir.Protocol.Wire;

/// <summary>The insides of JSON values, written piece by piece: no call asks its output for more than 16 KiB at once.</summary>
internal static class JsonOutput
{
    // 12,288 bytes become 16 KiB of base64. A multiple of 3, so that padding stands only at the end.
    private const int BlobPieceBytes = 12 * 1024;

    // A character takes at most three bytes of UTF-8.
    private const int TextPieceCharacters = 4 * 1024;

    private static readonly SearchValues<byte> EscapedBytes = SearchValues.Create(EscapedInUtf8());
    private static readonly SearchValues<char> EscapedCharacters = SearchValues.Create(Encoding.ASCII.GetString(EscapedInUtf8()));

    /// <summary>Writes text without its quotes. A lone surrogate becomes U+FFFD.</summary>
    public static void WriteText(this IBufferWriter<byte> output, ReadOnlySpan<char> value)
    {
        while (!value.IsEmpty)
        {
            var piece = value[..Math.Min(value.Length, TextPieceCharacters)];
            var special = piece.IndexOfAny(EscapedCharacters);
            if (special >= 0)
                piece = piece[..special];
            else if (piece.Length < value.Length && char.IsHighSurrogate(piece[^1]))
                piece = piece[..^1]; // Do not part a pair.
            if (!piece.IsEmpty)
                output.Advance(Encoding.UTF8.GetBytes(piece, output.GetSpan(Encoding.UTF8.GetMaxByteCount(piece.Length))));
            value = value[piece.Length..];
            if (special >= 0)
            {
                output.WriteEscape((byte)value[0]);
                value = value[1..];
            }
        }
    }

    /// <summary>Whether <see cref="WriteText(IBufferWriter{byte}, ReadOnlySpan{byte})"/> would write more than the bytes as they are.</summary>
    public static bool NeedsEscapes(ReadOnlySpan<byte> utf8) => utf8.ContainsAny(EscapedBytes);

    /// <summary>Writes well-formed UTF-8 without its quotes.</summary>
    public static void WriteText(this IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        while (true)
        {
            var special = utf8.IndexOfAny(EscapedBytes);
            output.Write(special < 0 ? utf8 : utf8[..special]);
            if (special < 0)
                return;
            output.WriteEscape(utf8[special]);
            utf8 = utf8[(special + 1)..];
        }
    }

    /// <summary>Writes standard base64 with padding, without its quotes.</summary>
    public static void WriteBase64(this IBufferWriter<byte> output, ReadOnlySpan<byte> value)
    {
        while (!value.IsEmpty)
        {
            var piece = value[..Math.Min(value.Length, BlobPieceBytes)];
            Base64.EncodeToUtf8(piece, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(piece.Length)), out _, out var written);
            output.Advance(written);
            value = value[piece.Length..];
        }
    }

    /// <summary>Copies bytes to the start of the destination and returns what is left of it.</summary>
    public static Span<byte> Put(this Span<byte> destination, scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(destination);
        return destination[bytes.Length..];
    }

    /// <summary>Writes a sequence number's digits to the start of the destination and returns what is left of it.</summary>
    public static Span<byte> Put(this Span<byte> destination, in SequenceNumber number) =>
        destination[number.Format(destination)..];

    /// <summary>Writes a shard id to the start of the destination and returns what is left of it.</summary>
    public static Span<byte> Put(this Span<byte> destination, ShardId shard) => destination[shard.Format(destination)..];

    private static void WriteEscape(this IBufferWriter<byte> output, byte character)
    {
        var shorthand = character switch
        {
            (byte)'"' => (byte)'"',
            (byte)'\\' => (byte)'\\',
            (byte)'\n' => (byte)'n',
            (byte)'\r' => (byte)'r',
            (byte)'\t' => (byte)'t',
            _ => (byte)0,
        };
        var span = output.GetSpan(6);
        span[0] = (byte)'\\';
        if (shorthand != 0)
        {
            span[1] = shorthand;
            output.Advance(2);
            return;
        }

        character.TryFormat(span[1..].Put("u00"u8), out _, "x2", CultureInfo.InvariantCulture);
        output.Advance(6);
    }

    // Everything that JSON forbids inside a string: control characters, the quote and the backslash.
    private static byte[] EscapedInUtf8() => [.. Enumerable.Range(0, 32).Select(i => (byte)i), (byte)'"', (byte)'\\'];
}
