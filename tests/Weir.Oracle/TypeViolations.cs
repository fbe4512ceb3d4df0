using System.Text.Json.Nodes;

namespace Weir.Oracle;

/// <summary>Every member of an operation, at any depth, with every kind of JSON value that its type refuses; all else as it should be.</summary>
public static class TypeViolations
{
    private const int Seed = 2013;

    // One of each kind that JSON has, and of the texts that only some types take.
    private static readonly string[] Values =
    [
        "true", "false", "7", "-1.5", "1e300", "\"text\"", "\"\"", "\"abc\"", "\"a*b=\"", "\"a=bc\"", "\"====\"", "\"AB==\"", "\"AAB=\"", "\"\\u20ac\\u20ac\\u20ac\\u20ac\"",
        "\"maybe\"", "[]", "[1]", "{}", "{\"a\":1}",
    ];

    public static IEnumerable<RequestSample> Of(ModelOperation operation) =>
        Within(operation.Input).Select(sample => new RequestSample(operation, sample.What, sample.Value()!.ToJsonString()))
            .Where(request => request.Expected is { Code: "SerializationException" });

    private static RequestGenerator Generator() => new(new Random(Seed));

    private static IEnumerable<Sample> Within(ModelShape shape)
    {
        foreach (var member in shape.Members)
        {
            foreach (var wrong in Wrong(member.Shape))
            {
                yield return new Sample($"{member.Name} {wrong.What}", () =>
                {
                    var structure = (JsonObject)Generator().Value(shape, optional: false);
                    structure[member.Name] = wrong.Value();
                    return structure;
                });
            }
        }
    }

    // Also what the type takes after all: the oracle sorts it out.
    private static IEnumerable<Sample> Wrong(ModelShape shape)
    {
        foreach (var value in Values)
            yield return new Sample($"as {value}", () => JsonNode.Parse(value));
        var inner = shape.Type switch
        {
            "structure" => Within(shape),
            "list" => Wrong(shape.Element!).Select(wrong => new Sample($"element {wrong.What}", () => new JsonArray(Generator().Value(shape.Element!, optional: false), wrong.Value()))),
            "map" => Wrong(shape.Element!).Select(wrong => new Sample($"value {wrong.What}", () => new JsonObject { ["k"] = wrong.Value() })),
            _ => [],
        };
        foreach (var sample in inner)
            yield return sample;
    }
}
