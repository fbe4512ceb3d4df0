using System.Globalization;
using System.Security;
using Weir.Protocol;

namespace Weir.ModelGenerator;

/// <summary>Writes the class of one structure: its properties, Read and Write.</summary>
internal static class MessageType
{
    public static void Write(
        CodeText code,
        string name,
        string summary,
        string contract,
        IReadOnlyList<ShapeMember> members,
        params IReadOnlyList<string> extra)
    {
        var properties = members.Where(member => !member.Shape.IsEventStream).ToList();
        code.Line($"/// <summary>{summary}</summary>");
        code.Line($"public sealed class {name} : {contract}");
        code.Open();
        foreach (var member in properties)
        {
            code.Line($"/// <summary>{SecurityElement.Escape(Describe(member))}.</summary>");
            code.Line($"public {ClrType(member.Shape)}? {member.Name} {{ get; init; }}");
            code.Line();
        }

        foreach (var line in extra)
            code.Line(line);
        if (extra.Count > 0)
            code.Line();
        WriteRead(code, name, properties);
        code.Line();
        WriteWrite(code, properties);
        code.Close();
    }

    private static void WriteRead(CodeText code, string name, List<ShapeMember> members)
    {
        code.Line("/// <inheritdoc />");
        if (members.Count == 0)
        {
            code.Line($"public static {name} Read(WireValue map) => new();");
            return;
        }

        code.Line($"public static {name} Read(WireValue map) => new()");
        code.Open();
        foreach (var member in members)
            code.Line($"{member.Name} = map.{Getter(member.Shape)}(\"{member.Name}\"),");
        code.Close(";");
    }

    private static void WriteWrite(CodeText code, List<ShapeMember> members)
    {
        code.Line("/// <inheritdoc />");
        code.Line("public void Write(WireWriter writer)");
        code.Open();
        code.Line("writer.BeginMap();");
        foreach (var member in members)
            code.Line($"writer.{Setter(member.Shape)}(\"{member.Name}\"u8, {member.Name});");
        code.Line("writer.EndMap();");
        code.Close();
    }

    private static string ClrType(Shape shape) => shape.Kind switch
    {
        ShapeKind.String => "string",
        ShapeKind.Integer => "int",
        ShapeKind.Long => "long",
        ShapeKind.Boolean => "bool",
        ShapeKind.Timestamp => "DateTimeOffset",
        ShapeKind.Blob => "ReadOnlyMemory<byte>",
        ShapeKind.List => $"IReadOnlyList<{ClrType(shape.Element!)}>",
        ShapeKind.Map => "IReadOnlyDictionary<string, string>",
        _ => shape.Name,
    };

    private static string Getter(Shape shape) => shape.Kind switch
    {
        ShapeKind.String => "GetString",
        ShapeKind.Integer => "GetInt32",
        ShapeKind.Long => "GetInt64",
        ShapeKind.Boolean => "GetBoolean",
        ShapeKind.Timestamp => "GetTimestamp",
        ShapeKind.Blob => "GetBlob",
        ShapeKind.List when shape.Element!.Kind == ShapeKind.Structure => $"GetStructures<{shape.Element.Name}>",
        ShapeKind.List when shape.Element!.Kind == ShapeKind.String => "GetStrings",
        ShapeKind.Map when shape.Element!.Kind == ShapeKind.String => "GetStringMap",
        ShapeKind.Structure => $"GetStructure<{shape.Name}>",
        _ => throw new NotSupportedException($"The messages have no form for {shape.Name}, a {shape.Kind}."),
    };

    private static string Setter(Shape shape) => shape.Kind switch
    {
        ShapeKind.Structure => "Structure",
        ShapeKind.Map => "StringMap",
        ShapeKind.List when shape.Element!.Kind == ShapeKind.Structure => "Structures",
        ShapeKind.List => "Strings",
        _ => "Member",
    };

    // One line per member: type, constraints, whether it is required.
    private static string Describe(ShapeMember member)
    {
        var shape = member.Shape;
        var parts = new List<string> { Type(shape) };
        if (shape.Kind is not (ShapeKind.List or ShapeKind.Map))
            parts.AddRange(Constraints(shape));
        if (member.IsRequired)
            parts.Add("required");
        var line = string.Join("; ", parts);
        return char.ToUpperInvariant(line[0]) + line[1..];
    }

    private static string Type(Shape shape) => shape.Kind switch
    {
        ShapeKind.List => $"list of {Range(shape, "elements") ?? "any length"}, each {Full(shape.Element!)}",
        ShapeKind.Map => $"map of {Range(shape, "entries") ?? "any size"}, "
            + $"keys {Full(shape.Key!)}, values {Full(shape.Element!)}",
        ShapeKind.Structure => shape.Name,
        _ => shape.Kind.ToString().ToLower(CultureInfo.InvariantCulture),
    };

    private static string Full(Shape shape) => Type(shape) + string.Concat(Constraints(shape).Select(text => $" of {text}"));

    private static IEnumerable<string> Constraints(Shape shape)
    {
        var unit = shape.Kind switch { ShapeKind.String => "characters", ShapeKind.Blob => "bytes", _ => "" };
        if (Range(shape, unit) is { } range)
            yield return range;
        if (shape.Pattern is { } pattern)
            yield return $"pattern {pattern.Text}";
        if (shape.EnumValues.Count > 0)
            yield return $"one of {Names.Plural(shape.Name)}";
    }

    private static string? Range(Shape shape, string unit) => (shape.Min, shape.Max) switch
    {
        (null, null) => null,
        ({ } min, null) => $"at least {Number(min)} {unit}".TrimEnd(),
        (null, { } max) => $"at most {Number(max)} {unit}".TrimEnd(),
        ({ } min, { } max) => $"{Number(min)} to {Number(max)} {unit}".TrimEnd(),
    };

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
