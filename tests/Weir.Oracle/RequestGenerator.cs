using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;

namespace Weir.Oracle;

/// <summary>
/// Makes requests that keep the model: required members, some of the optional ones, values for which every constraint holds. With a
/// rate of mistakes it makes requests that break it in several places at once.
/// </summary>
/// <param name="random">Decides everything; the same seed makes the same requests.</param>
/// <param name="mistakes">The share of members that break a constraint, from 0 to 1.</param>
public sealed class RequestGenerator(Random random, double mistakes = 0)
{
    private const int FewElements = 3;
    // Enough for more failures than an answer tells.
    private const int ManyElements = 14;
    private const int LongestFreeText = 24;
    private const int LargestFreeNumber = 50_000;

    private static readonly ConcurrentDictionary<string, PatternSampler> Samplers = new();
    private static readonly string[] Letters = ["a", "Z", "0", " ", "-", "_", "\"", "\\", "\n", "ü", "€", "ß", "\U0001F600"];

    /// <summary>A request. Members that are left out are absent or, now and then, an explicit null; sometimes there is an unknown one.</summary>
    public JsonObject Request(ModelOperation operation)
    {
        var request = Structure(operation.Input);
        if (random.Next(8) == 0)
            request["NoMemberOfTheModel"] = JsonNode.Parse("""{"deep":[1,2.5,{"x":null}]}""");
        return request;
    }

    /// <summary>A request with its required members only.</summary>
    public JsonObject Least(ModelOperation operation) => Structure(operation.Input, optional: false);

    /// <summary>A value that keeps the shape's constraints (unless mistakes are asked for).</summary>
    public JsonNode Value(ModelShape shape, bool optional = true) => shape.Type switch
    {
        "structure" => Structure(shape, optional),
        "list" => List(shape, Count(shape), optional),
        "map" => Map(shape, Count(shape)),
        "boolean" => random.Next(2) == 0,
        "timestamp" => Math.Round(random.NextDouble() * 2e9, 3),
        "blob" => Convert.ToBase64String(Bytes(random.Next(64))),
        "string" => Text(shape),
        _ => random.NextInt64(shape.Min ?? 0, Math.Min(shape.Max ?? long.MaxValue, (shape.Min ?? 0) + LargestFreeNumber) + 1),
    };

    /// <summary>A list of so many elements, all different.</summary>
    public JsonArray List(ModelShape shape, int count, bool optional = true) =>
        [.. Enumerable.Range(0, count).Select(_ => Wrong() is var wrong && wrong && shape.Element!.Type == "structure" && random.Next(4) == 0 ? null : Member(shape.Element!, wrong, optional))];

    /// <summary>A map of so many entries.</summary>
    public JsonObject Map(ModelShape shape, int count)
    {
        var map = new JsonObject();
        while (map.Count < count)
            map[Member(shape.Key!, Wrong(), optional: true).GetValue<string>()] = Member(shape.Element!, Wrong(), optional: true);
        return map;
    }

    /// <summary>A text that keeps the shape's constraints, and where the pattern lets it is at least so long.</summary>
    public string Text(ModelShape shape, int leastLength = 0)
    {
        if (shape.Enum.Count > 0)
            return shape.Enum[random.Next(shape.Enum.Count)];
        if (shape.Pattern is { } pattern)
            return Samplers.GetOrAdd(pattern.Text, text => new PatternSampler(text)).Sample(random, Math.Max(leastLength, (int)(shape.Min ?? 0)));
        var least = Math.Max(leastLength, (int)(shape.Min ?? 0));
        var length = Math.Max(least, random.Next((int)Math.Min(shape.Max ?? LongestFreeText, LongestFreeText) + 1));
        var text = new StringBuilder();
        while (text.Length < length)
        {
            var next = Letters[random.Next(Letters.Length)];
            text.Append(text.Length + next.Length > length ? "x" : next);
        }

        return text.ToString();
    }

    private JsonObject Structure(ModelShape shape, bool optional = true)
    {
        var structure = new JsonObject();
        // The order of a document is the client's business.
        foreach (var member in shape.Members.OrderBy(_ => random.Next()))
        {
            var wrong = Wrong();
            if ((member.IsRequired && !(wrong && random.Next(3) == 0)) || (optional && !member.IsRequired && random.Next(2) == 0))
                structure[member.Name] = Member(member.Shape, wrong, optional);
            else if (optional && random.Next(8) == 0)
                structure[member.Name] = null;
        }

        return structure;
    }

    private JsonNode Member(ModelShape shape, bool wrong, bool optional)
    {
        if (!wrong)
            return Value(shape, optional);
        var values = ConstraintViolations.Small(shape).ToList();
        return values.Count == 0 ? Value(shape, optional) : values[random.Next(values.Count)].Value()!;
    }

    private bool Wrong() => mistakes > 0 && random.NextDouble() < mistakes;

    private int Count(ModelShape shape)
    {
        var most = mistakes > 0 && random.Next(4) == 0 ? ManyElements : FewElements;
        return random.Next((int)(shape.Min ?? 0), (int)Math.Min(shape.Max ?? most, most) + 1);
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
