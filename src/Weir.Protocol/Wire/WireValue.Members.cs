using System.Buffers.Text;

namespace Weir.Protocol.Wire;

// Reading members as the types of the model, with the service's own lenience (spec section 3.1). A member of the wrong kind
// reads as absent: a server has refused it by then (RequestValidation), and a client must live with newer servers.
public sealed partial class WireValue
{
    private const long MinTimestampMilliseconds = -62_135_596_800_000;
    private const long MaxTimestampMilliseconds = 253_402_300_799_999;

    /// <summary>A member as text.</summary>
    public string? GetString(string name) => Member(name)?.Text;

    /// <summary>A member as an integer: rounded down and clamped to 32 bits.</summary>
    public int? GetInt32(string name) => Member(name)?.AsInt32();

    /// <summary>A member as an integer: rounded down and clamped to 64 bits.</summary>
    public long? GetInt64(string name) => Member(name)?.Integer;

    /// <summary>A member as true or false; the texts true, false, 1, 0, yes and no count too, in any case.</summary>
    public bool? GetBoolean(string name) => Member(name)?.AsBoolean();

    /// <summary>A member as a time: a number counts as seconds since 1970 and is rounded to milliseconds.</summary>
    public DateTimeOffset? GetTimestamp(string name) => Member(name)?.AsTimestamp();

    /// <summary>A member as bytes: text counts as base64.</summary>
    public ReadOnlyMemory<byte>? GetBlob(string name) => Member(name)?.AsBlob();

    /// <summary>A member as a list of texts; elements that are no text are left out.</summary>
    public IReadOnlyList<string>? GetStrings(string name) =>
        Member(name) is { Kind: WireKind.List } list ? [.. list.Items.Select(item => item.Text).OfType<string>()] : null;

    /// <summary>A member as a map of texts; entries whose value is no text are left out.</summary>
    public IReadOnlyDictionary<string, string>? GetStringMap(string name)
    {
        if (Member(name) is not { Kind: WireKind.Map } map)
            return null;
        var texts = new OrderedDictionary<string, string>(map.Count, StringComparer.Ordinal);
        foreach (var (key, value) in map.Entries)
        {
            if (value.Text is { } text)
                texts[key] = text;
        }

        return texts;
    }

    /// <summary>A member as a structure.</summary>
    public T? GetStructure<T>(string name)
        where T : class, IWireMessage<T> => Member(name) is { Kind: WireKind.Map } map ? T.Read(map) : null;

    /// <summary>A member as a list of structures; a null element is a structure without members.</summary>
    public IReadOnlyList<T>? GetStructures<T>(string name)
        where T : class, IWireMessage<T>
    {
        if (Member(name) is not { Kind: WireKind.List } list)
            return null;
        var structures = new T[list.Count];
        for (var i = 0; i < structures.Length; i++)
            structures[i] = T.Read(list.Items[i]);
        return structures;
    }

    internal int? AsInt32() => Integer is { } value ? (int)Math.Clamp(value, int.MinValue, int.MaxValue) : null;

    internal bool? AsBoolean() => Kind switch
    {
        WireKind.Boolean => _integer != 0,
        WireKind.String => ParseBoolean(Text!),
        _ => null,
    };

    internal DateTimeOffset? AsTimestamp() => Kind switch
    {
        WireKind.Timestamp => ToTime(_integer),
        WireKind.Number when _content == Milliseconds => ToTime(_integer),
        WireKind.Number => ToTime(_content is double seconds
            ? Math.Round(seconds * 1000)
            : Math.Clamp(_integer, MinTimestampMilliseconds / 1000, MaxTimestampMilliseconds / 1000) * 1000),
        _ => null,
    };

    internal ReadOnlyMemory<byte>? AsBlob() => Kind switch
    {
        WireKind.Blob => (byte[])_content!,
        WireKind.String => DecodeBase64(Text!),
        _ => null,
    };

    private static bool? ParseBoolean(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" => true,
        "FALSE" or "0" or "NO" => false,
        _ => null,
    };

    private static DateTimeOffset ToTime(double milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(
            (long)Math.Clamp(milliseconds, MinTimestampMilliseconds, MaxTimestampMilliseconds));

    private static ReadOnlyMemory<byte>? DecodeBase64(string text)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Convert.TryFromBase64String(text, bytes, out var written) ? bytes.AsMemory(0, written) : null;
    }
}
