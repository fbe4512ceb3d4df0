using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Weir.Protocol.Wire;

/// <summary>Turns JSON strings into text. The framework's own way throws on a lone surrogate; ours reads it as U+FFFD.</summary>
internal static class JsonText
{
    private const char Replacement = '\uFFFD';

    /// <summary>The text of the present string or property name, which must be well-formed UTF-8 with legal escapes.</summary>
    public static string Read(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Unescape(reader.ValueSpan) : Encoding.UTF8.GetString(reader.ValueSpan);

    private static string Unescape(ReadOnlySpan<byte> utf8)
    {
        // No escape and no UTF-8 sequence is shorter in bytes than in characters.
        var rented = ArrayPool<char>.Shared.Rent(utf8.Length);
        var length = 0;
        while (true)
        {
            var escape = utf8.IndexOf((byte)'\\');
            length += Encoding.UTF8.GetChars(escape < 0 ? utf8 : utf8[..escape], rented.AsSpan(length));
            if (escape < 0)
                break;
            utf8 = utf8[escape..];
            rented[length++] = utf8[1] switch
            {
                (byte)'u' => (char)ushort.Parse(utf8.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                var other => (char)other,
            };
            utf8 = utf8[(utf8[1] == 'u' ? 6 : 2)..];
        }

        ReplaceLoneSurrogates(rented.AsSpan(0, length));
        var text = new string(rented, 0, length);
        ArrayPool<char>.Shared.Return(rented);
        return text;
    }

    private static void ReplaceLoneSurrogates(Span<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else
                text[i] = Replacement;
        }
    }
}
