using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weir.Oracle;

/// <summary>
/// The text of the SerializationException that a request must be answered with, written from the table of spec section 3.1. The
/// first wrong member in the order of declaration decides.
/// </summary>
internal static partial class TypeOracle
{
    /// <summary>The text, or null when every member is of its type.</summary>
    public static string? Text(ModelOperation operation, JsonObject request) => First(operation.Input, request);

    private static string? First(ModelShape shape, JsonNode? value)
    {
        switch (shape.Type, value)
        {
            case (_, null):
                return null;
            case ("structure", JsonObject structure):
                return shape.Members.Select(member => First(member.Shape, structure[member.Name])).FirstOrDefault(text => text is not null);
            case ("list", JsonArray list):
                return list.Select(item => First(shape.Element!, item)).FirstOrDefault(text => text is not null);
            case ("map", JsonObject map):
                return map.Select(entry => First(shape.Element!, entry.Value)).FirstOrDefault(text => text is not null);
            case (_, JsonObject):
                return "Start of structure or map found where not expected.";
            case ("list", _):
                return "Expected list or null";
            case (_, JsonArray):
                return "Start of list found where not expected";
            case ("map", _):
                return "Expected map or null";
            case ("structure", _):
                return "Expected null";
            default:
                return Scalar(shape.Type, value);
        }
    }

    private static string? Scalar(string type, JsonNode value)
    {
        var kind = value.GetValueKind();
        return (type, kind) switch
        {
            ("string", JsonValueKind.String) => null,
            ("integer" or "long" or "timestamp", JsonValueKind.Number) => null,
            ("boolean", JsonValueKind.True or JsonValueKind.False) => null,
            ("boolean", JsonValueKind.String) => Boolean(value.GetValue<string>()),
            ("blob", JsonValueKind.String) => Blob(value.GetValue<string>()),
            _ => $"class {JavaClass(kind)} can not be converted to {Target(type)}",
        };
    }

    private static string JavaClass(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Number => "com.amazon.coral.value.json.numbers.TruncatingBigNumber",
        JsonValueKind.String => "java.lang.String",
        _ => "java.lang.Boolean",
    };

    private static string Target(string type) => type switch
    {
        "blob" => "a Blob",
        "timestamp" => "milliseconds since epoch",
        _ => "an " + char.ToUpperInvariant(type[0]) + type[1..],
    };

    private static string? Boolean(string text) =>
        Truth().IsMatch(text) ? null : $"'{JavaText.Cut(text).ToUpperInvariant()}' can not be converted to an Boolean";

    private static string? Blob(string text)
    {
        var wrong = Alien().Match(text);
        var reason = text.Length % 4 != 0 ? $"Base64 encoded length is expected a multiple of 4 bytes but found: {text.Length}"
            : wrong.Success ? $"Invalid Base64 character: '{wrong.Value}'"
            : Canonical().IsMatch(text) ? null
            : "Invalid last non-pad Base64 character dectected";
        return reason is null ? null : $"'{JavaText.Cut(text)}' can not be converted to a Blob: {reason}";
    }

    [GeneratedRegex(@"\A(true|false|1|0|yes|no)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Truth();

    // A character outside the alphabet, or a padding with something else behind it.
    [GeneratedRegex(@"[^A-Za-z0-9+/=]|=(?==*[^=])", RegexOptions.Singleline)]
    private static partial Regex Alien();

    // Four bits are over before two paddings, two before one: all must be zero.
    [GeneratedRegex(@"\A([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?\z")]
    private static partial Regex Canonical();
}
