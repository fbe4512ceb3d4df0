using System.Globalization;
using System.Text;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Validation;

/// <summary>A refused value as Java prints it in a validation message (spec section 3.2).</summary>
internal static class PrintedValue
{
    // Structures print as class and hash code. Clients see any code; ours counts, so that equal requests give equal texts.
    private const string Package = "com.amazonaws.kinesis.v20131202.";

    public static string Of(Shape shape, WireValue value)
    {
        var text = new StringBuilder();
        Append(text, shape, value, position: 0);
        return text.Length <= TypeCheck.MaxPrintedCharacters
            ? text.ToString()
            : text.ToString(0, TypeCheck.MaxPrintedCharacters) + "...";
    }

    private static void Append(StringBuilder text, Shape shape, WireValue value, int position)
    {
        if (text.Length > TypeCheck.MaxPrintedCharacters)
            return;
        switch (shape.Kind)
        {
            case var _ when value.Kind == WireKind.Null:
                text.Append("null");
                break;
            case ShapeKind.Integer:
                text.Append(CultureInfo.InvariantCulture, $"{value.AsInt32()}");
                break;
            case ShapeKind.Long:
                text.Append(CultureInfo.InvariantCulture, $"{value.Integer}");
                break;
            case ShapeKind.List:
                text.Append('[');
                for (var i = 0; i < value.Count; i++)
                    Append(text.Append(i == 0 ? "" : ", "), shape.Element!, value.Items[i], i);
                text.Append(']');
                break;
            case ShapeKind.Map:
                AppendMap(text, shape, value);
                break;
            case ShapeKind.Structure:
                text.Append(CultureInfo.InvariantCulture, $"{Package}{shape.Name}@{0x10000000 + position:x8}");
                break;
            default:
                var scalar = value.ToString();
                text.Append(scalar, 0, Math.Min(scalar.Length, TypeCheck.MaxPrintedCharacters + 1));
                break;
        }
    }

    private static void AppendMap(StringBuilder text, Shape shape, WireValue map)
    {
        text.Append('{');
        var separator = "";
        foreach (var (key, value) in map.Entries)
        {
            text.Append(separator).Append(key).Append('=');
            Append(text, shape.Element!, value, position: 0);
            separator = ", ";
        }

        text.Append('}');
    }
}
