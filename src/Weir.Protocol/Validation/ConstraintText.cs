using System.Globalization;

namespace Weir.Protocol.Validation;

/// <summary>The wording of each constraint (table of spec section 3.2).</summary>
internal static class ConstraintText
{
    public const string NotNull = "Member must not be null";

    /// <summary>One failure.</summary>
    /// <param name="subject"><c>Value null</c>, <c>Value '...'</c>, or <c>Value</c> alone for blobs.</param>
    /// <param name="path">For example <c>records.1.member.data</c>.</param>
    /// <param name="constraint">What the member must keep.</param>
    public static string Failure(string subject, string path, string constraint) =>
        $"{subject} at '{path}' failed to satisfy constraint: {constraint}";

    /// <summary>The whole message.</summary>
    public static string Message(params IReadOnlyCollection<string> failures)
    {
        var noun = failures.Count == 1 ? "error" : "errors";
        return string.Create(
            CultureInfo.InvariantCulture, $"{failures.Count} validation {noun} detected: {string.Join("; ", failures)}");
    }

    public static string Min(string measure, long bound) =>
        string.Create(CultureInfo.InvariantCulture, $"Member must have {measure} greater than or equal to {bound}");

    public static string Max(string measure, long bound) =>
        string.Create(CultureInfo.InvariantCulture, $"Member must have {measure} less than or equal to {bound}");

    public static string Pattern(ShapePattern pattern) => $"Member must satisfy regular expression pattern: {pattern.Text}";

    public static string Enum(Shape shape) =>
        $"Member must satisfy enum value set: [{string.Join(", ", MemberOrder.EnumValues(shape))}]";

    /// <summary>
    /// Everything that an element, key or map value must keep, in brackets: the longest length comes first here.
    /// </summary>
    /// <remarks>Recorded for lengths; for patterns and enums the same form is assumed.</remarks>
    public static string OfElement(Shape shape)
    {
        var parts = new List<string>();
        if (shape.Max is { } max)
            parts.Add(Max("length", max));
        if (shape.Min is { } min)
            parts.Add(Min("length", min));
        if (shape.Pattern is { } pattern)
            parts.Add(Pattern(pattern));
        if (shape.EnumValues.Count > 0)
            parts.Add(Enum(shape));
        return $"[{string.Join(", ", parts)}]";
    }
}
