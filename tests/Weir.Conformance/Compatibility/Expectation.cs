using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weir.Conformance.Compatibility;

/// <summary>
/// What a member of an output has to be: a value that it equals, or one of <c>{"$present": true}</c>, <c>{"$absent": true}</c>,
/// <c>{"$count": n}</c> (of a list), <c>{"$matches": "pattern"}</c> (of a text) and <c>{"$recent": true}</c> (of a timestamp).
/// </summary>
internal static class Expectation
{
    // Clients and server share a clock; what the server stamps during a tour is never older than the tour can last.
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(5);

    /// <summary>Null when the member is as expected, otherwise how it differs.</summary>
    public static string? Difference(JsonNode? expected, JsonNode? actual)
    {
        var asExpected = expected is JsonObject { Count: 1 } rule ? Holds(rule.First(), actual) : null;
        return asExpected ?? JsonNode.DeepEquals(expected, actual)
            ? null
            : $"expected {expected?.ToJsonString() ?? "null"}, got {actual?.ToJsonString() ?? "nothing"}";
    }

    /// <summary>Whether a rule holds; null when this is no rule but a value.</summary>
    private static bool? Holds(KeyValuePair<string, JsonNode?> rule, JsonNode? actual) => rule.Key switch
    {
        "$present" => actual is not null,
        "$absent" => actual is null,
        "$count" => actual is JsonArray items && items.Count == rule.Value!.GetValue<int>(),
        "$matches" => actual is JsonValue text && text.TryGetValue<string>(out var value) && Regex.IsMatch(value, rule.Value!.GetValue<string>()),
        "$recent" => TourValue.AsTimestamp(actual) is { } milliseconds
            && (DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)).Duration() < Recent,
        _ => null,
    };
}
