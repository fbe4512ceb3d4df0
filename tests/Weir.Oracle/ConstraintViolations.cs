using System.Text.Json.Nodes;

namespace Weir.Oracle;

/// <summary>
/// Every way to break one constraint of the model at a time, each side of each range apart: for an operation, a request for each rule
/// of each member at any depth, and all else in it as it should be. And the other side of the same rules: what they just allow.
/// </summary>
public static class ConstraintViolations
{
    private const int Seed = 20131202;
    // Beyond this a value is worth one test and not a place in a random mix.
    private const long SmallSize = 1000;

    // Whatever a pattern permits, it forbids one of these at its ends, or alone.
    private static readonly string[] Spoilers = [" ", "€", ":", "\n", "^", "01", "*"];

    /// <summary>Requests that break exactly what they say.</summary>
    public static IEnumerable<RequestSample> Of(ModelOperation operation) => Requests(operation, Broken);

    /// <summary>Requests whose values stand on the bounds and are accepted.</summary>
    public static IEnumerable<RequestSample> AllowedBy(ModelOperation operation) => Requests(operation, OnTheBound);

    /// <summary>Wrong values of a shape that are small enough to be mixed with others.</summary>
    internal static IEnumerable<Sample> Small(ModelShape shape) =>
        shape.Type is "structure" ? [] : Broken(shape).Where(sample => !sample.What.StartsWith("more than", StringComparison.Ordinal) || shape.Max <= SmallSize);

    private static IEnumerable<RequestSample> Requests(ModelOperation operation, Func<ModelShape, IEnumerable<Sample>> leaves) =>
        Within(operation.Input, leaves).Select(sample => new RequestSample(operation, sample.What, sample.Value()!.ToJsonString()));

    private static RequestGenerator Generator() => new(new Random(Seed));

    // Wraps what is wrong about a part into a whole that is otherwise right.
    private static IEnumerable<Sample> Within(ModelShape shape, Func<ModelShape, IEnumerable<Sample>> leaves)
    {
        foreach (var sample in leaves(shape))
            yield return sample;
        foreach (var member in shape.Members)
        {
            if (member.IsRequired && leaves == Broken)
            {
                yield return new Sample($"{member.Name} absent", () => With(shape, member, present: false, null));
                yield return new Sample($"{member.Name} null", () => With(shape, member, present: true, null));
            }

            foreach (var inner in Within(member.Shape, leaves))
                yield return new Sample($"{member.Name}: {inner.What}", () => With(shape, member, present: true, inner.Value()));
        }

        if (shape.Type == "list")
        {
            foreach (var inner in Within(shape.Element!, leaves))
                yield return new Sample($"second element: {inner.What}", () => new JsonArray(Generator().Value(shape.Element!, optional: false), inner.Value()));
            if (leaves == Broken && shape.Element!.Type == "structure" && shape.Element.Members.Any(member => member.IsRequired))
                yield return new Sample("first element null", () => new JsonArray(null, Generator().Value(shape.Element, optional: false)));
        }

        if (shape.Type == "map")
        {
            foreach (var inner in leaves(shape.Key!))
                yield return new Sample($"a key: {inner.What}", () => new JsonObject { ["k"] = Generator().Value(shape.Element!), [inner.Value()!.GetValue<string>()] = Generator().Value(shape.Element!) });
            foreach (var inner in leaves(shape.Element!))
                yield return new Sample($"a value: {inner.What}", () => new JsonObject { ["k"] = inner.Value() });
        }
    }

    private static JsonObject With(ModelShape shape, ModelMember member, bool present, JsonNode? value)
    {
        var structure = (JsonObject)Generator().Value(shape, optional: false);
        structure.Remove(member.Name);
        if (present)
            structure[member.Name] = value;
        return structure;
    }

    private static IEnumerable<Sample> Broken(ModelShape shape)
    {
        if (shape.Pattern is { } pattern)
        {
            var good = Generator().Text(shape);
            foreach (var text in Spoilers.SelectMany(spoiler => new[] { spoiler, good + spoiler, spoiler + good }).Where(text => !pattern.Matches(text)))
                yield return new Sample($"pattern, by '{text}'", () => text);
        }

        if (shape.Enum.Count > 0)
        {
            foreach (var text in new[] { "", "NO_SUCH_VALUE", shape.Enum[0].ToLowerInvariant(), shape.Enum[^1] + " " })
                yield return new Sample($"set, by '{text}'", () => text);
        }

        if (shape.Min is { } least && (shape.Type is "integer" or "long" || least > 0))
        {
            yield return new Sample($"less than {least}", () => OfSize(shape, least - 1));
            if (shape.Type is "integer" or "long")
                yield return new Sample($"a fraction below {least}", () => least - 0.25);
            if (shape.Type is "integer")
                yield return new Sample("far below its type", () => -1e300);
        }

        if (shape.Max is { } most)
        {
            yield return new Sample($"more than {most}", () => OfSize(shape, most + 1));
            if (shape.Type is "integer")
                yield return new Sample("above its type", () => 100_000_000_000);
        }
    }

    private static IEnumerable<Sample> OnTheBound(ModelShape shape)
    {
        foreach (var text in shape.Enum)
            yield return new Sample($"'{text}'", () => text);
        if (shape.Min is { } least)
            yield return new Sample($"exactly {least}", () => Allowed(shape, least));
        if (shape.Max is { } most)
            yield return new Sample($"exactly {most}", () => Allowed(shape, most));
        if (shape.Type is "integer" && shape.Max is { } top)
            yield return new Sample($"a fraction above {top}", () => top + 0.75);
    }

    // A pattern may not let a text reach its bound; then what it allows is allowed.
    private static JsonNode Allowed(ModelShape shape, long size) =>
        OfSize(shape, size) is var value && shape.Pattern is { } pattern && !pattern.Matches(value.GetValue<string>()) ? Generator().Text(shape) : value;

    private static JsonNode OfSize(ModelShape shape, long size) => shape.Type switch
    {
        "integer" or "long" => size,
        "blob" => Convert.ToBase64String(new byte[size]),
        "list" => Generator().List(shape, (int)size, optional: false),
        "map" => Generator().Map(shape, (int)size),
        _ => OfLength(Generator().Text(shape, (int)size), (int)size),
    };

    private static string OfLength(string text, int length) => text.Length >= length ? text[..length] : text.PadRight(length, 'a');
}
