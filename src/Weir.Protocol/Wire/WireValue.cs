using System.Globalization;

namespace Weir.Protocol.Wire;

/// <summary>What a value on the wire is, before the model says what it should be.</summary>
public enum WireKind
{
    /// <summary>An explicit null, which counts as absent.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>An integer or a fraction.</summary>
    Number,

    /// <summary>Text.</summary>
    String,

    /// <summary>Bytes that the encoding marks as such. JSON has none: there a blob is base64 text.</summary>
    Blob,

    /// <summary>A time that the encoding marks as such. JSON has none: there a timestamp is a number of seconds.</summary>
    Timestamp,

    /// <summary>A sequence.</summary>
    List,

    /// <summary>Names and values.</summary>
    Map,
}

/// <summary>A value as a request or response carried it, whatever the encoding. Immutable, so safe to share.</summary>
/// <remarks>
/// This is the general path: every operation can be read through it, and the error texts are made from it. The operations on
/// the records' path have readers of their own that build no tree.
/// </remarks>
public sealed partial class WireValue
{
    // The content of a number that is not in seconds if it is a time.
    private static readonly object Milliseconds = new();

    private readonly long _integer;
    private readonly object? _content;

    private WireValue(WireKind kind, long integer, object? content)
    {
        Kind = kind;
        _integer = integer;
        _content = content;
    }

    /// <summary>The explicit null.</summary>
    public static WireValue Null { get; } = new(WireKind.Null, 0, null);

    /// <summary>True.</summary>
    public static WireValue True { get; } = new(WireKind.Boolean, 1, null);

    /// <summary>False.</summary>
    public static WireValue False { get; } = new(WireKind.Boolean, 0, null);

    /// <summary>A map without entries: the input of an operation without members.</summary>
    public static WireValue EmptyMap { get; } = Map([]);

    /// <summary>What the value is.</summary>
    public WireKind Kind { get; }

    /// <summary>An integer.</summary>
    public static WireValue Number(long value) => new(WireKind.Number, value, null);

    /// <summary>A number with a fraction, or beyond 64 bits.</summary>
    public static WireValue Number(double value) => new(WireKind.Number, 0, value);

    /// <summary>An integer that is milliseconds since 1970 if the model wants a time.</summary>
    internal static WireValue NumberOrMilliseconds(long value) => new(WireKind.Number, value, Milliseconds);

    /// <summary>Text.</summary>
    public static WireValue String(string value) => new(WireKind.String, 0, value);

    /// <summary>Bytes. Takes the array.</summary>
    public static WireValue Blob(byte[] value) => new(WireKind.Blob, 0, value);

    /// <summary>A time in milliseconds since 1970.</summary>
    public static WireValue Timestamp(long milliseconds) => new(WireKind.Timestamp, milliseconds, null);

    /// <summary>A sequence. Takes the list.</summary>
    public static WireValue List(IReadOnlyList<WireValue> items) => new(WireKind.List, 0, items);

    /// <summary>Names and values in the order of the document. Takes the dictionary.</summary>
    public static WireValue Map(OrderedDictionary<string, WireValue> entries) => new(WireKind.Map, 0, entries);

    /// <summary>The items of a list; empty for every other kind.</summary>
    public IReadOnlyList<WireValue> Items => _content as IReadOnlyList<WireValue> ?? [];

    /// <summary>The entries of a map in the order of the document; empty for every other kind.</summary>
    public IEnumerable<KeyValuePair<string, WireValue>> Entries => Kind == WireKind.Map ? Dictionary : [];

    /// <summary>Number of items or entries; 0 for every other kind.</summary>
    public int Count => Kind == WireKind.Map ? Dictionary.Count : Items.Count;

    /// <summary>A map's member, or null when it is absent or an explicit null, or when this is no map.</summary>
    public WireValue? Member(string name) =>
        Kind == WireKind.Map && Dictionary.TryGetValue(name, out var value) && value.Kind != WireKind.Null ? value : null;

    private OrderedDictionary<string, WireValue> Dictionary => (OrderedDictionary<string, WireValue>)_content!;

    /// <summary>The text of a string, or null for every other kind.</summary>
    public string? Text => _content as string;

    /// <summary>A number as an integer: rounded down and clamped to 64 bits. Null for every other kind.</summary>
    public long? Integer => Kind != WireKind.Number ? null : _content is double fraction ? Floor(fraction) : _integer;

    /// <summary>A number as a fraction. Null for every other kind.</summary>
    public double? Fraction => Kind != WireKind.Number ? null : _content is double fraction ? fraction : _integer;

    /// <summary>For diagnostics: the kind, and the value of a scalar.</summary>
    public override string ToString() => Kind switch
    {
        WireKind.Boolean => _integer != 0 ? "true" : "false",
        WireKind.Number => Fraction!.Value.ToString(CultureInfo.InvariantCulture),
        WireKind.String => Text!,
        _ => Kind.ToString(),
    };

    // The conversion from double to long saturates, so numbers beyond 64 bits clamp; a number is never NaN in JSON.
    private static long Floor(double value) => (long)Math.Floor(value);
}
