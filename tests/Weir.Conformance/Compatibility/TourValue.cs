using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weir.Conformance.Compatibility;

/// <summary>
/// Values as the tour writes and compares them: JSON, in which a blob is <c>{"$base64": "..."}</c> and a timestamp
/// <c>{"$milliseconds": n}</c>, since JSON has neither. <c>{"$text": "..."}</c> is a blob of UTF-8, for people.
/// </summary>
internal static partial class TourValue
{
    public const string BlobTag = "$base64";
    public const string TimestampTag = "$milliseconds";
    private const string TextTag = "$text";

    public static JsonObject Blob(ReadOnlySpan<byte> bytes) => new() { [BlobTag] = Convert.ToBase64String(bytes) };

    public static JsonObject Timestamp(long milliseconds) => new() { [TimestampTag] = milliseconds };

    /// <summary>The bytes of a blob, or null for any other value.</summary>
    public static byte[]? AsBlob(JsonNode? value) =>
        value is JsonObject { Count: 1 } tagged && tagged[BlobTag] is { } text ? Convert.FromBase64String(text.GetValue<string>()) : null;

    /// <summary>The milliseconds since 1970 of a timestamp, or null for any other value.</summary>
    public static long? AsTimestamp(JsonNode? value) =>
        value is JsonObject { Count: 1 } tagged && tagged[TimestampTag] is { } number ? number.GetValue<long>() : null;

    /// <summary>A copy with variables replaced and texts of blobs encoded.</summary>
    /// <exception cref="KeyNotFoundException">There is no such variable.</exception>
    public static JsonNode? Fill(JsonNode? value, IReadOnlyDictionary<string, string> variables) => value switch
    {
        JsonObject { Count: 1 } tagged when tagged[TextTag] is { } text => Blob(Encoding.UTF8.GetBytes(text.GetValue<string>())),
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Fill(member.Value, variables)))),
        JsonArray items => new JsonArray([.. items.Select(item => Fill(item, variables))]),
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => Fill(text, variables),
        _ => value?.DeepClone(),
    };

    /// <summary>A text with its variables replaced.</summary>
    public static string Fill(string text, IReadOnlyDictionary<string, string> variables) =>
        Variable().Replace(text, match => variables[match.Groups["name"].Value]);

    /// <summary>The names of the variables in a value.</summary>
    public static IEnumerable<string> VariablesOf(JsonNode value) =>
        Variable().Matches(value.ToJsonString()).Select(match => match.Groups["name"].Value);

    /// <summary>The member at a path of names and indexes with dots between, or null when it is not there.</summary>
    public static JsonNode? At(JsonNode? value, string path)
    {
        foreach (var part in path.Split('.'))
        {
            value = value switch
            {
                JsonObject members => members[part],
                JsonArray items when int.Parse(part, CultureInfo.InvariantCulture) is var index => index < items.Count ? items[index] : null,
                _ => null,
            };
        }

        return value;
    }

    [GeneratedRegex(@"\$\{(?<name>\w+)\}")]
    private static partial Regex Variable();
}
