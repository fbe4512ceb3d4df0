using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Weir.Protocol.Wire;

/// <summary>Writes JSON without white space. Allocates nothing per value.</summary>
/// <remarks>
/// Not <see cref="System.Text.Json.Utf8JsonWriter"/>, because that asks its output for one piece of memory as large as a
/// whole base64 text: a record of 10 MiB would cost 14 MiB in one block. This one never asks for more than 16 KiB.
/// </remarks>
/// <param name="output">Where the bytes go; everything is committed with <c>Advance</c> before a method returns.</param>
public sealed class JsonWireWriter(IBufferWriter<byte> output) : WireWriter
{
    // 12,288 bytes become 16 KiB of base64. A multiple of 3, so that padding stands only at the end.
    private const int BlobPieceBytes = 12 * 1024;

    // Each character takes at most six bytes, as \u001f does: 12 KiB.
    private const int TextPieceCharacters = 2 * 1024;

    // Longest long in decimal, with its sign.
    private const int MaxLongDigits = 20;

    private static readonly SearchValues<byte> EscapedBytes = SearchValues.Create(EscapedBytesUtf8());
    private static readonly SearchValues<char> EscapedCharacters = SearchValues.Create(Encoding.ASCII.GetString(EscapedBytesUtf8()));

    private IBufferWriter<byte> _output = output;

    // Whether a value stands right before: the next name or list element is preceded by a comma.
    private bool _afterValue;

    /// <summary>Begins a new document on another output, so that the writer can be reused.</summary>
    public void Reset(IBufferWriter<byte> output)
    {
        _output = output;
        _afterValue = false;
    }

    /// <inheritdoc />
    public override void BeginMap() => Begin((byte)'{');

    /// <inheritdoc />
    public override void EndMap() => End((byte)'}');

    /// <inheritdoc />
    public override void BeginList() => Begin((byte)'[');

    /// <inheritdoc />
    public override void EndList() => End((byte)']');

    /// <inheritdoc />
    public override void Name(ReadOnlySpan<byte> utf8)
    {
        String(utf8);
        Byte((byte)':');
        _afterValue = false;
    }

    /// <inheritdoc />
    public override void String(ReadOnlySpan<char> value)
    {
        Separate();
        Byte((byte)'"');
        while (!value.IsEmpty)
        {
            var piece = value[..Math.Min(value.Length, TextPieceCharacters)];
            var special = piece.IndexOfAny(EscapedCharacters);
            if (special >= 0)
                piece = piece[..special];
            else if (piece.Length < value.Length && char.IsHighSurrogate(piece[^1]))
                piece = piece[..^1]; // Do not part a pair.
            if (piece.Length > 0)
                _output.Advance(Encoding.UTF8.GetBytes(piece, _output.GetSpan(Encoding.UTF8.GetMaxByteCount(piece.Length))));
            value = value[piece.Length..];
            if (special >= 0)
            {
                Escape((byte)value[0]);
                value = value[1..];
            }
        }

        Byte((byte)'"');
    }

    /// <inheritdoc />
    public override void String(ReadOnlySpan<byte> utf8)
    {
        Separate();
        Byte((byte)'"');
        while (true)
        {
            var special = utf8.IndexOfAny(EscapedBytes);
            _output.Write(special < 0 ? utf8 : utf8[..special]);
            if (special < 0)
                break;
            Escape(utf8[special]);
            utf8 = utf8[(special + 1)..];
        }

        Byte((byte)'"');
    }

    /// <inheritdoc />
    public override void Long(long value)
    {
        Separate();
        value.TryFormat(_output.GetSpan(MaxLongDigits), out var written, provider: CultureInfo.InvariantCulture);
        _output.Advance(written);
    }

    /// <inheritdoc />
    public override void Boolean(bool value)
    {
        Separate();
        _output.Write(value ? "true"u8 : "false"u8);
    }

    /// <summary>Writes seconds since 1970 with three decimals, for example <c>1441215410.867</c>.</summary>
    public override void Timestamp(DateTimeOffset value)
    {
        Separate();
        var span = _output.GetSpan(MaxLongDigits + 2);
        _output.Advance(JsonTimestamp.Format(value, span));
    }

    /// <summary>Writes standard base64 with padding.</summary>
    public override void Blob(ReadOnlySpan<byte> value)
    {
        Separate();
        Byte((byte)'"');
        while (!value.IsEmpty)
        {
            var piece = value[..Math.Min(value.Length, BlobPieceBytes)];
            Base64.EncodeToUtf8(piece, _output.GetSpan(Base64.GetMaxEncodedToUtf8Length(piece.Length)), out _, out var written);
            _output.Advance(written);
            value = value[piece.Length..];
        }

        Byte((byte)'"');
    }

    private void Begin(byte bracket)
    {
        Separate();
        Byte(bracket);
        _afterValue = false;
    }

    private void End(byte bracket)
    {
        Byte(bracket);
        _afterValue = true;
    }

    private void Separate()
    {
        if (_afterValue)
            Byte((byte)',');
        _afterValue = true;
    }

    private void Byte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }

    private void Escape(byte character)
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
        var span = _output.GetSpan(6);
        span[0] = (byte)'\\';
        if (shorthand != 0)
        {
            span[1] = shorthand;
            _output.Advance(2);
            return;
        }

        "u00"u8.CopyTo(span[1..]);
        character.TryFormat(span[4..], out _, "x2", CultureInfo.InvariantCulture);
        _output.Advance(6);
    }

    // Everything that JSON forbids inside a string: control characters, the quote and the backslash.
    private static byte[] EscapedBytesUtf8() => [.. Enumerable.Range(0, 32).Select(i => (byte)i), (byte)'"', (byte)'\\'];
}
