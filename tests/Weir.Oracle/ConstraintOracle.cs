using System.Text.Json.Nodes;

namespace Weir.Oracle;

/// <summary>
/// The ValidationException that a request of well-typed members must be answered with, written from spec section 3.2: gather what
/// fails in the order of judgement, then keep the first ten.
/// </summary>
internal static class ConstraintOracle
{
    private const int MostTold = 10;

    /// <summary>The message, or null when nothing fails.</summary>
    public static string? Message(ModelOperation operation, JsonObject request)
    {
        var told = OfStructure(operation.Input, request, path: "").Take(MostTold).ToList();
        return told.Count switch
        {
            0 => null,
            1 => $"1 validation error detected: {told[0]}",
            _ => $"{told.Count} validation errors detected: {string.Join("; ", told)}",
        };
    }

    private static IEnumerable<string> OfStructure(ModelShape shape, JsonObject value, string path) =>
        MemberOrders.Of(shape).SelectMany(member => OfMember(member, value[member.Name], path + member.Path));

    private static IEnumerable<string> OfMember(ModelMember member, JsonNode? value, string path) =>
        value is not null ? OfValue(member.Shape, value, path)
        : member.IsRequired ? [$"Value null at '{path}' failed to satisfy constraint: Member must not be null"]
        : [];

    private static IEnumerable<string> OfValue(ModelShape shape, JsonNode value, string path)
    {
        var subject = shape.Type == "blob" ? "Value" : $"Value '{(shape.Type == "structure" ? "" : Printable(shape, value))}'";
        var own = Constraints(shape, value).Select(constraint => $"{subject} at '{path}' failed to satisfy constraint: {constraint}");
        return shape.Type switch
        {
            "structure" => OfStructure(shape, (JsonObject)value, path + "."),
            "list" when shape.Element!.Type == "structure" => own.Concat(((JsonArray)value).SelectMany(
                (element, index) => OfStructure(shape.Element, element as JsonObject ?? [], $"{path}.{index + 1}.member."))),
            _ => own,
        };
    }

    private static string Printable(ModelShape shape, JsonNode value) => shape.Type is "boolean" or "timestamp" ? "" : JavaText.Of(shape, value);

    private static IEnumerable<string> Constraints(ModelShape shape, JsonNode value) => shape.Type switch
    {
        "string" => OfText(shape, value.GetValue<string>()),
        "integer" or "long" => Bounds(shape, JavaText.Integer(shape, value), "value"),
        "blob" => Bounds(shape, Convert.FromBase64String(value.GetValue<string>()).Length, "length"),
        "list" => Bounds(shape, ((JsonArray)value).Count, "length").Concat(
            Together(shape.Element!, ((JsonArray)value).Select(Text), "Member must satisfy constraint: ")),
        "map" => Bounds(shape, ((JsonObject)value).Count, "length")
            .Concat(Together(shape.Key!, ((JsonObject)value).Select(entry => entry.Key), "Map keys must satisfy constraint: "))
            .Concat(Together(shape.Element!, ((JsonObject)value).Select(entry => Text(entry.Value)), "Map value must satisfy constraint: ")),
        _ => [],
    };

    // Pattern, least length, greatest length; an enum's set has neither.
    private static IEnumerable<string> OfText(ModelShape shape, string text)
    {
        if (shape.Pattern is { } pattern && !pattern.Matches(text))
            yield return $"Member must satisfy regular expression pattern: {pattern.Text}";
        foreach (var bound in Bounds(shape, text.Length, "length"))
            yield return bound;
        if (shape.Enum.Count > 0 && !shape.Enum.Contains(text))
            yield return EnumSet(shape);
    }

    private static IEnumerable<string> Bounds(ModelShape shape, long size, string measure)
    {
        if (shape.Min is { } least && size < least)
            yield return $"Member must have {measure} greater than or equal to {least}";
        if (shape.Max is { } most && size > most)
            yield return $"Member must have {measure} less than or equal to {most}";
    }

    // Texts inside a list or a map share one error, which recites all that they must keep.
    private static string[] Together(ModelShape shape, IEnumerable<string?> texts, string prefix)
    {
        if (shape.Type != "string" || texts.All(text => text is null || !OfText(shape, text).Any()))
            return [];
        var rules = new List<string>();
        if (shape.Max is { } most)
            rules.Add($"Member must have length less than or equal to {most}");
        if (shape.Min is { } least)
            rules.Add($"Member must have length greater than or equal to {least}");
        if (shape.Pattern is { } pattern)
            rules.Add($"Member must satisfy regular expression pattern: {pattern.Text}");
        if (shape.Enum.Count > 0)
            rules.Add(EnumSet(shape));
        return [$"{prefix}[{string.Join(", ", rules)}]"];
    }

    private static string EnumSet(ModelShape shape) => $"Member must satisfy enum value set: [{string.Join(", ", MemberOrders.Printed(shape))}]";

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
