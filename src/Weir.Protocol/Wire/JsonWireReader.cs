using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Weir.Protocol.Wire;

/// <summary>Reads a JSON document into a <see cref="WireValue"/>.</summary>
/// <remarks>Thread-safe: it has no state. Never throws, whatever the bytes.</remarks>
public static class JsonWireReader
{
    /// <summary>
    /// Levels of nesting that a document may have. The model needs seven; the rest is room for unknown members.
    /// </summary>
    public const int MaxDepth = 64;

    /// <summary>
    /// Values that a document may hold: a GetRecords answer of 10,000 records has about 60,000. Without this bound a body of
    /// 16 MiB could ask for some hundred megabytes of tree.
    /// </summary>
    public const int MaxValues = 250_000;

    internal static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>Reads a document.</summary>
    /// <param name="utf8">The document. Only read; nothing of it is kept.</param>
    /// <param name="value">A map, when the method returns true.</param>
    /// <returns>
    /// False when the bytes are not one well-formed JSON object in UTF-8, or pass a bound. A name that occurs twice keeps the
    /// later value. A lone surrogate, which only an escape can carry, becomes U+FFFD.
    /// </returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8, out WireValue value)
    {
        value = WireValue.Null;
        if (!Utf8.IsValid(utf8))
            return false;
        var reader = new Utf8JsonReader(utf8, Options);
        var budget = MaxValues;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !TryReadMap(ref reader, ref budget, out value))
                return false;
            // Reading past the end is what finds bytes behind the document.
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool TryReadValue(ref Utf8JsonReader reader, ref int budget, out WireValue value)
    {
        value = WireValue.Null;
        if (--budget < 0)
            return false;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return TryReadMap(ref reader, ref budget, out value);
            case JsonTokenType.StartArray:
                return TryReadList(ref reader, ref budget, out value);
            case JsonTokenType.String:
                value = WireValue.String(JsonText.Read(ref reader));
                return true;
            case JsonTokenType.Number:
                value = ReadNumber(ref reader);
                return true;
            case JsonTokenType.True:
                value = WireValue.True;
                return true;
            case JsonTokenType.False:
                value = WireValue.False;
                return true;
            default:
                return true;
        }
    }

    private static bool TryReadMap(ref Utf8JsonReader reader, ref int budget, out WireValue value)
    {
        var entries = new OrderedDictionary<string, WireValue>(StringComparer.Ordinal);
        value = WireValue.Null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = JsonText.Read(ref reader);
            if (!reader.Read() || !TryReadValue(ref reader, ref budget, out var member))
                return false;
            entries[name] = member;
        }

        value = WireValue.Map(entries);
        return true;
    }

    private static bool TryReadList(ref Utf8JsonReader reader, ref int budget, out WireValue value)
    {
        var items = new List<WireValue>();
        value = WireValue.Null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!TryReadValue(ref reader, ref budget, out var item))
                return false;
            items.Add(item);
        }

        value = WireValue.List(items);
        return true;
    }

    // Integers keep their 64 bits; 10.0 and 1e1 and what lies beyond 64 bits go through double, which clamps later.
    private static WireValue ReadNumber(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var integer))
            return WireValue.Number(integer);
        _ = double.TryParse(reader.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction);
        return WireValue.Number(fraction);
    }
}
