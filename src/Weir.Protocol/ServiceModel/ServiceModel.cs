using Weir.Protocol.Wire;

namespace Weir.Protocol;

/// <summary>
/// The service model of Kinesis Data Streams: operations, shapes and constraints, as the service itself declares them.
/// </summary>
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

    // Read with the wire's own reader, which every process has warm soon, and with plain loops: at start-up the compiler's work
    // is what costs, not the reading.
    private static ServiceModel Load()
    {
        var file = ReadFile();
        var model = new ServiceModel();
        var shapes = file.Member("shapes")!;
        foreach (var (name, json) in shapes.Entries)
            model._shapes.Add(name, ReadShape(name, json));
        // Shapes refer to each other, so they are tied together once all exist.
        foreach (var (name, json) in shapes.Entries)
            model.Tie(model._shapes[name], json);
        foreach (var (name, json) in file.Member("operations")!.Entries)
            model._operations.Add(name, model.ReadOperation(name, json));
        return model;
    }

    private static WireValue ReadFile()
    {
        using var stream = typeof(ServiceModel).Assembly.GetManifestResourceStream("service-model.json")
            ?? throw new InvalidOperationException("The assembly was built without its resource service-model.json.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return JsonWireReader.TryRead(bytes, out var file)
            ? file
            : throw new InvalidOperationException("The resource service-model.json is not JSON.");
    }

    private static Shape ReadShape(string name, WireValue json) => new(name, ReadKind(json.Member("type")?.Text))
    {
        Min = json.Member("min")?.Integer,
        Max = json.Member("max")?.Integer,
        Pattern = json.Member("pattern")?.Text is { } pattern ? new ShapePattern(pattern) : null,
        EnumValues = ReadStrings(json.Member("enum")),
        IsException = json.Member("exception") is not null,
        IsEventStream = json.Member("eventstream") is not null,
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

    private static string[] ReadStrings(WireValue? list)
    {
        var strings = new string[list?.Count ?? 0];
        for (var i = 0; i < strings.Length; i++)
            strings[i] = list!.Items[i].Text!;
        return strings;
    }

    private void Tie(Shape shape, WireValue json)
    {
        switch (shape.Kind)
        {
            case ShapeKind.List:
                shape.Element = Referenced(json.Member("member"));
                break;
            case ShapeKind.Map:
                shape.Key = Referenced(json.Member("key"));
                shape.Element = Referenced(json.Member("value"));
                break;
            case ShapeKind.Structure:
                var required = ReadStrings(json.Member("required"));
                var members = new List<ShapeMember>();
                foreach (var (name, member) in json.Member("members")!.Entries)
                    members.Add(new ShapeMember(name, LowerFirst(name), Referenced(member), Array.IndexOf(required, name) >= 0));
                shape.Members = members;
                break;
        }
    }

    private OperationShape ReadOperation(string name, WireValue json)
    {
        var errors = new List<string>();
        foreach (var error in json.Member("errors")!.Items)
            errors.Add(Referenced(error).Name);
        return new OperationShape(
            name,
            ReadOperationType(json.Member("staticContextParams")?.Member("OperationType")?.Member("value")?.Text),
            Referenced(json.Member("input")),
            json.Member("output") is { } output ? Referenced(output) : null,
            errors);
    }

    private static OperationType ReadOperationType(string? type) => type switch
    {
        null => OperationType.None,
        "data" => OperationType.Data,
        "control" => OperationType.Control,
        _ => throw new InvalidOperationException($"The service model has the unknown operation type '{type}'."),
    };

    private Shape Referenced(WireValue? reference) => _shapes[reference!.Member("shape")!.Text!];

    private static string LowerFirst(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
