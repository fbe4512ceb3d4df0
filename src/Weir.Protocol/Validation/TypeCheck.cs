using System.Globalization;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Validation;

/// <summary>
/// Whether each member is of the declared type (spec section 3.1). The first wrong one in declaration order decides.
/// </summary>
internal static class TypeCheck
{
    // A refused value is repeated in the text. A body may carry megabytes, so the repetition ends somewhere.
    internal const int MaxPrintedCharacters = 64 * 1024;

    private const string BooleanClass = "class java.lang.Boolean";
    private const string NumberClass = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber";
    private const string StringClass = "class java.lang.String";

    // What only CBOR can carry where the model wants another scalar. Texts ours: none is recorded.
    private const string BlobClass = "class java.nio.HeapByteBuffer";
    private const string TimestampClass = "class java.util.Date";

    /// <summary>The text of the first type error below the shape, or null.</summary>
    public static string? Check(Shape shape, WireValue value) => (shape.Kind, value.Kind) switch
    {
        (_, WireKind.Null) => null,
        (ShapeKind.Structure, WireKind.Map) => CheckMembers(shape, value),
        (ShapeKind.Map, WireKind.Map) => CheckEach(shape.Element!, value.Entries.Select(entry => entry.Value)),
        (ShapeKind.List, WireKind.List) => CheckEach(shape.Element!, value.Items),
        (_, WireKind.Map) => "Start of structure or map found where not expected.",
        (ShapeKind.List, _) => "Expected list or null",
        (_, WireKind.List) => "Start of list found where not expected",
        (ShapeKind.Map, _) => "Expected map or null",
        (ShapeKind.Structure, _) => "Expected null",
        _ => CheckScalar(shape.Kind, value),
    };

    private static string? CheckMembers(Shape structure, WireValue map)
    {
        foreach (var member in structure.Members)
        {
            if (map.Member(member.Name) is { } value && Check(member.Shape, value) is { } error)
                return error;
        }

        return null;
    }

    private static string? CheckEach(Shape element, IEnumerable<WireValue> values)
    {
        foreach (var value in values)
        {
            if (Check(element, value) is { } error)
                return error;
        }

        return null;
    }

    private static string? CheckScalar(ShapeKind expected, WireValue value) => (expected, value.Kind) switch
    {
        (ShapeKind.String, WireKind.String) => null,
        (ShapeKind.Integer or ShapeKind.Long, WireKind.Number) => null,
        (ShapeKind.Boolean, WireKind.Boolean) => null,
        (ShapeKind.Boolean, WireKind.String) => CheckBoolean(value),
        (ShapeKind.Blob, WireKind.Blob) => null,
        (ShapeKind.Blob, WireKind.String) => CheckBase64(value.Text!),
        (ShapeKind.Timestamp, WireKind.Timestamp or WireKind.Number) => null,
        _ => $"{ClassOf(value.Kind)} can not be converted to {Target(expected)}",
    };

    private static string ClassOf(WireKind kind) => kind switch
    {
        WireKind.Boolean => BooleanClass,
        WireKind.Number => NumberClass,
        WireKind.String => StringClass,
        WireKind.Blob => BlobClass,
        _ => TimestampClass,
    };

    private static string Target(ShapeKind expected) => expected switch
    {
        ShapeKind.Blob => "a Blob",
        ShapeKind.Timestamp => "milliseconds since epoch",
        _ => $"an {expected}",
    };

    private static string? CheckBoolean(WireValue value) =>
        value.AsBoolean() is null ? $"'{Printed(value.Text!).ToUpperInvariant()}' can not be converted to an Boolean" : null;

    // The three rules in the service's order; the typing error in the last text is the service's too.
    private static string? CheckBase64(string text)
    {
        var reason =
            text.Length % 4 != 0
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"Base64 encoded length is expected a multiple of 4 bytes but found: {text.Length}")
            : Base64Text.FirstInvalidCharacter(text) is { } character ? $"Invalid Base64 character: '{character}'"
            : !Base64Text.EndsWell(text) ? "Invalid last non-pad Base64 character dectected"
            : null;
        return reason is null ? null : $"'{Printed(text)}' can not be converted to a Blob: {reason}";
    }

    private static string Printed(string text) =>
        text.Length <= MaxPrintedCharacters ? text : text[..MaxPrintedCharacters] + "...";
}
