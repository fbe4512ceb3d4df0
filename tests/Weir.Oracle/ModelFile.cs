using System.Text.Json;

namespace Weir.Oracle;

/// <summary>
/// A second reading of service-model.json, straight from the file by the framework's JSON reader. Shares no code with the server's,
/// so that a constraint which one of the two overlooks makes a test fail.
/// </summary>
public static class ModelFile
{
    private static readonly JsonDocument File = Open();
    private static readonly Dictionary<string, ModelShape> Shapes = [];

    /// <summary>Every operation, by name in alphabetical order.</summary>
    public static IReadOnlyList<ModelOperation> Operations { get; } =
    [
        .. File.RootElement.GetProperty("operations").EnumerateObject()
            .Select(operation => new ModelOperation(operation.Name, Find(operation.Value.GetProperty("input"))))
            .OrderBy(operation => operation.Name, StringComparer.Ordinal),
    ];

    public static ModelOperation Operation(string name) => Operations.Single(operation => operation.Name == name);

    private static JsonDocument Open()
    {
        using var stream = typeof(ModelFile).Assembly.GetManifestResourceStream("service-model.json")!;
        return JsonDocument.Parse(stream);
    }

    private static ModelShape Find(JsonElement reference)
    {
        var name = reference.GetProperty("shape").GetString()!;
        if (Shapes.TryGetValue(name, out var known))
            return known;
        var json = File.RootElement.GetProperty("shapes").GetProperty(name);
        var shape = new ModelShape(name, json.GetProperty("type").GetString()!)
        {
            Min = Number(json, "min"),
            Max = Number(json, "max"),
            Pattern = json.TryGetProperty("pattern", out var pattern) ? new JavaPattern(pattern.GetString()!) : null,
            Enum = Texts(json, "enum"),
        };
        Shapes.Add(name, shape);
        if (json.TryGetProperty("member", out var element) || json.TryGetProperty("value", out element))
            shape.Element = Find(element);
        if (json.TryGetProperty("key", out var key))
            shape.Key = Find(key);
        if (json.TryGetProperty("members", out var members))
        {
            var required = Texts(json, "required");
            shape.Members = [.. members.EnumerateObject().Select(member => new ModelMember(member.Name, Find(member.Value), required.Contains(member.Name)))];
        }

        return shape;
    }

    private static long? Number(JsonElement shape, string name) => shape.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    private static string[] Texts(JsonElement shape, string name) =>
        shape.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(item => item.GetString()!)] : [];
}
