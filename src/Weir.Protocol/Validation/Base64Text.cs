using System.Buffers;

namespace Weir.Protocol.Validation;

/// <summary>The rules that base64 on the wire must keep: the standard alphabet, full padding, no bits left over.</summary>
internal static class Base64Text
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private static readonly SearchValues<char> Characters = SearchValues.Create(Alphabet);

    /// <summary>The first character outside the alphabet, a padding before the end included; null when there is none.</summary>
    public static char? FirstInvalidCharacter(ReadOnlySpan<char> text)
    {
        var i = text.IndexOfAnyExcept(Characters);
        if (i < 0)
            return null;
        return text[i] != '=' ? text[i] : text[i..].ContainsAnyExcept('=') ? '=' : null;
    }

    /// <summary>Whether at most two paddings end the text, and the last character before them leaves no bits over.</summary>
    /// <param name="text">A multiple of four characters of the alphabet, then padding.</param>
    public static bool EndsWell(ReadOnlySpan<char> text)
    {
        var content = text.TrimEnd('=');
        return (text.Length - content.Length) switch
        {
            0 => true,
            1 => (Alphabet.IndexOf(content[^1], StringComparison.Ordinal) & 0b11) == 0,
            2 => (Alphabet.IndexOf(content[^1], StringComparison.Ordinal) & 0b1111) == 0,
            _ => false,
        };
    }

    /// <summary>Bytes that well-formed base64 stands for.</summary>
    public static int DecodedLength(ReadOnlySpan<char> text) => (text.Length / 4 * 3) - (text.Length - text.TrimEnd('=').Length);

    /// <summary>
    /// Bytes that base64 stands for if it is well formed; -1 if its length, its padding or its last character already say that it
    /// is not. The characters before are left to the decoder.
    /// </summary>
    public static int DecodedLength(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length % 4 != 0)
            return -1;
        if (utf8.IsEmpty || utf8[^1] != '=')
            return utf8.Length / 4 * 3;
        var paddings = utf8[^2] == '=' ? 2 : 1;
        var endings = paddings == 2 ? "AQgw"u8 : "AEIMQUYcgkosw048"u8;
        return endings.Contains(utf8[^(paddings + 1)]) ? (utf8.Length / 4 * 3) - paddings : -1;
    }
}
