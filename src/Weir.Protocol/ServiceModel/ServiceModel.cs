using System.Text.Json;

namespace Weir.Protocol;

/// <summary>The service model of Kinesis Data Streams: operations, shapes and constraints, as the service itself declares them.</summary>
/// <remarks>
/// Loaded from the embedded service-model.json at the first use, in a few milliseconds; immutable and thread-safe afterwards.
/// The file's <c>_provenance</c> says where it comes from. Where prose and model disagree, the model wins.
/// </remarks>
public sealed class ServiceModel
{
    private static readonly Lazy<ServiceModel> Loaded = new(Load);

    private readonly Dictionary<string, OperationShape> _operations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Shape> _shapes = new(StringComparer.Ordinal);

    private ServiceModel()
    {
    }

    /// <summary>The model of API version 2013-12-02.</summary>
    public static ServiceModel Kinesis => Loaded.Value;

    /// <summary>Every operation by name.</summary>
    public IReadOnlyDictionary<string, OperationShape> Operations => _operations;

    /// <summary>Every shape by name.</summary>
    public IReadOnlyDictionary<string, Shape> Shapes => _shapes;

    private static ServiceModel Load()
    {
        using var stream = typeof(ServiceModel).Assembly.GetManifestResourceStream("service-model.json")
            ?? throw new InvalidOperationException("The assembly was built without its resource service-model.json.");
        using var document = JsonDocument.Parse(stream);
        var model = new ServiceModel();
        var shapes = document.RootElement.GetProperty("shapes");
        foreach (var shape in shapes.EnumerateObject())
            model._shapes.Add(shape.Name, ReadShape(shape.Name, shape.Value));
        // Shapes refer to each other, so they are tied together once all exist.
        foreach (var shape in shapes.EnumerateObject())
            model.Tie(model._shapes[shape.Name], shape.Value);
        foreach (var operation in document.RootElement.GetProperty("operations").EnumerateObject())
            model._operations.Add(operation.Name, model.ReadOperation(operation.Name, operation.Value));
        return model;
    }

    private static Shape ReadShape(string name, JsonElement json) => new(name, ReadKind(json.GetProperty("type").GetString()))
    {
        Min = json.TryGetProperty("min", out var min) ? min.GetInt64() : null,
        Max = json.TryGetProperty("max", out var max) ? max.GetInt64() : null,
        Pattern = json.TryGetProperty("pattern", out var pattern) ? new ShapePattern(pattern.GetString()!) : null,
        EnumValues = json.TryGetProperty("enum", out var values) ? ReadStrings(values) : [],
        IsException = json.TryGetProperty("exception", out var exception) && exception.GetBoolean(),
        IsEventStream = json.TryGetProperty("eventstream", out var events) && events.GetBoolean(),
    };

    private static ShapeKind ReadKind(string? type) => type switch
    {
        "string" => ShapeKind.String,
        "integer" => ShapeKind.Integer,
        "long" => ShapeKind.Long,
        "boolean" => ShapeKind.Boolean,
        "blob" => ShapeKind.Blob,
        "timestamp" => ShapeKind.Timestamp,
        "list" => ShapeKind.List,
        "map" => ShapeKind.Map,
        "structure" => ShapeKind.Structure,
        _ => throw new InvalidOperationException($"The service model has a shape of the unknown type '{type}'."),
    };

    private static string[] ReadStrings(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];

    private void Tie(Shape shape, JsonElement json)
    {
        switch (shape.Kind)
        {
            case ShapeKind.List:
                shape.Element = Referenced(json.GetProperty("member"));
                break;
            case ShapeKind.Map:
                shape.Key = Referenced(json.GetProperty("key"));
                shape.Element = Referenced(json.GetProperty("value"));
                break;
            case ShapeKind.Structure:
                var required = json.TryGetProperty("required", out var names) ? ReadStrings(names) : [];
                shape.Members = [.. json.GetProperty("members").EnumerateObject().Select(member => new ShapeMember(
                    member.Name, LowerFirst(member.Name), Referenced(member.Value), required.Contains(member.Name)))];
                break;
        }
    }

    private OperationShape ReadOperation(string name, JsonElement json) => new(
        name,
        ReadOperationType(json),
        Referenced(json.GetProperty("input")),
        json.TryGetProperty("output", out var output) ? Referenced(output) : null,
        [.. json.GetProperty("errors").EnumerateArray().Select(error => Referenced(error).Name)]);

    private static OperationType ReadOperationType(JsonElement json) =>
        !json.TryGetProperty("staticContextParams", out var parameters) ? OperationType.None
        : parameters.GetProperty("OperationType").GetProperty("value").GetString() == "data" ? OperationType.Data
        : OperationType.Control;

    private Shape Referenced(JsonElement reference) => _shapes[reference.GetProperty("shape").GetString()!];

    private static string LowerFirst(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
