using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Conformance.Server;

namespace Weir.Conformance.Compatibility;

/// <summary>
/// The service model, as a client's generator reads it: what type each member of an output has. Nothing here comes from the
/// server's own code, which the raw clients are to check.
/// </summary>
internal sealed class ServiceShapes
{
    private readonly JsonObject _operations;
    private readonly JsonObject _shapes;

    private ServiceShapes(JsonObject model)
    {
        _operations = model["operations"]!.AsObject();
        _shapes = model["shapes"]!.AsObject();
    }

    /// <summary>The file that says what the API is.</summary>
    public static string File { get; } = Path.Combine(Repository.Root, "src/Weir.Protocol/ServiceModel/service-model.json");

    /// <summary>The model of this checkout.</summary>
    public static ServiceShapes OfCheckout { get; } = new(JsonNode.Parse(System.IO.File.ReadAllText(File))!.AsObject());

    /// <summary>All operations, in the order of their names.</summary>
    public IEnumerable<string> Operations => _operations.Select(operation => operation.Key).Order(StringComparer.Ordinal);

    /// <summary>
    /// An output as it came by wire, with its blobs and timestamps as <see cref="TourValue"/> has them.
    /// </summary>
    /// <param name="operation">Whose output it is.</param>
    /// <param name="wire">What came: of CBOR with its blobs and timestamps already in that form, since CBOR tells them apart.</param>
    /// <param name="typed">It came as CBOR.</param>
    /// <exception cref="InvalidDataException">A member is not in the model, of another type, or missing though required.</exception>
    public JsonObject ReadOutput(string operation, JsonObject wire, bool typed) =>
        _operations[operation]!["output"]?["shape"]?.GetValue<string>() is { } shape
            ? Structure(shape, wire, typed)
            : wire.Count == 0 ? wire : throw new InvalidDataException($"{operation} has no output, but got {wire.ToJsonString()}.");

    /// <summary>The payload of one event, likewise; the model requires members that an event at a shard's end does not have.</summary>
    public JsonObject ReadEvent(string shape, JsonObject wire, bool typed) => Structure(shape, wire, typed, complete: false);

    private JsonObject Structure(string name, JsonObject wire, bool typed, bool complete = true)
    {
        var shape = _shapes[name]!;
        var members = shape["members"]!.AsObject();
        if (complete && shape["required"]?.AsArray().Select(member => member!.GetValue<string>()).FirstOrDefault(member => wire[member] is null) is { } absent)
            throw new InvalidDataException($"{name} has no {absent}: {wire.ToJsonString()}");
        var read = new JsonObject();
        foreach (var (member, value) in wire)
        {
            var target = members[member] ?? throw new InvalidDataException($"{name} has no member {member} in the model: {wire.ToJsonString()}");
            read[member] = Value(target["shape"]!.GetValue<string>(), value, typed);
        }

        return read;
    }

    private JsonNode Value(string name, JsonNode? wire, bool typed)
    {
        var type = _shapes[name]!["type"]!.GetValue<string>();
        return (type, wire) switch
        {
            ("structure", JsonObject members) => Structure(name, members, typed),
            ("list", JsonArray items) => new JsonArray([.. items.Select(item => Value(_shapes[name]!["member"]!["shape"]!.GetValue<string>(), item, typed))]),
            ("map", JsonObject members) => new JsonObject(members.Select(member => KeyValuePair.Create(
                member.Key, (JsonNode?)Value(_shapes[name]!["value"]!["shape"]!.GetValue<string>(), member.Value, typed)))),
            ("blob", JsonObject) when typed && TourValue.AsBlob(wire) is not null => wire.DeepClone(),
            ("blob", JsonValue) when !typed && wire.GetValueKind() == JsonValueKind.String => TourValue.Blob(Convert.FromBase64String(wire.GetValue<string>())),
            ("timestamp", JsonObject) when typed && TourValue.AsTimestamp(wire) is not null => wire.DeepClone(),
            ("timestamp", JsonValue) when !typed && wire.GetValueKind() == JsonValueKind.Number => TourValue.Timestamp((long)Math.Round(wire.GetValue<double>() * 1000)),
            ("string", JsonValue) when wire.GetValueKind() == JsonValueKind.String => wire.DeepClone(),
            ("boolean", JsonValue) when wire.GetValueKind() is JsonValueKind.True or JsonValueKind.False => wire.DeepClone(),
            ("integer" or "long", JsonValue) when wire.GetValueKind() == JsonValueKind.Number => Whole(wire),
            _ => throw new InvalidDataException($"A {name} ({type}) came as {wire?.ToJsonString() ?? "null"}."),
        };
    }

    /// <summary>A number without a fraction, in the one form that compares with the tour's.</summary>
    private static JsonNode Whole(JsonNode wire) => JsonNode.Parse(wire.ToJsonString()) is JsonValue number && number.TryGetValue<long>(out var value)
        ? JsonValue.Create(value)
        : throw new InvalidDataException($"A whole number came as {wire.ToJsonString()}.");
}
