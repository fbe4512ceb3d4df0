using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weir.Oracle;

/// <summary>Values as the service's Java prints them into a message (spec section 3.2).</summary>
public static partial class JavaText
{
    // Ours: a refused value is repeated in full up to here, since a body may carry megabytes of it.
    private const int LongestValue = 65_536;

    /// <summary>Hash codes of structures may be any; two messages are the same when they are the same without them.</summary>
    public static string WithoutHashCodes(string message) => HashCode().Replace(message, "$1@");

    internal static string Of(ModelShape shape, JsonNode? value) => Cut(Whole(shape, value));

    internal static string Cut(string text) => text.Length <= LongestValue ? text : text[..LongestValue] + "...";

    /// <summary>What an integer member becomes: rounded down, then held within the bounds of its type.</summary>
    internal static long Integer(ModelShape shape, JsonNode value)
    {
        var floor = Math.Floor(value.GetValue<JsonElement>().GetDouble());
        var (least, most) = shape.Type == "long" ? (long.MinValue, long.MaxValue) : (int.MinValue, int.MaxValue);
        return floor <= least ? least : floor >= most ? most : (long)floor;
    }

    private static string Whole(ModelShape shape, JsonNode? value) => (shape.Type, value) switch
    {
        (_, null) => "null",
        ("integer" or "long", _) => Integer(shape, value).ToString(CultureInfo.InvariantCulture),
        ("list", JsonArray list) => $"[{string.Join(", ", list.Select(item => Whole(shape.Element!, item)))}]",
        ("map", JsonObject map) => $"{{{string.Join(", ", map.Select(entry => $"{entry.Key}={Whole(shape.Element!, entry.Value)}"))}}}",
        ("structure", _) => $"com.amazonaws.kinesis.v20131202.{shape.Name}@00000000",
        _ => value.GetValue<string>(),
    };

    // The code of the last structure may be cut off with the rest of a long value.
    [GeneratedRegex(@"(com\.amazonaws\.kinesis\.v20131202\.\w+)@[0-9a-f]{0,8}")]
    private static partial Regex HashCode();
}
