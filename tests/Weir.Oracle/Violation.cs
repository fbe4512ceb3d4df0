using System.Text.Json.Nodes;

namespace Weir.Oracle;

/// <summary>A value that one rule forbids or just allows.</summary>
/// <param name="What">Where it is and what is the matter, for the reader of a failure.</param>
/// <param name="Value">Makes the value; each call makes a node of its own.</param>
public sealed record Sample(string What, Func<JsonNode?> Value)
{
    public override string ToString() => What;
}

/// <summary>A request to an operation.</summary>
/// <param name="Operation">To which.</param>
/// <param name="What">What is special about it.</param>
/// <param name="Json">The body.</param>
public sealed record RequestSample(ModelOperation Operation, string What, string Json)
{
    /// <summary>The body as a tree.</summary>
    public JsonObject Tree { get; } = (JsonObject)JsonNode.Parse(Json)!;

    /// <summary>How it must be refused, or null.</summary>
    public ExpectedRefusal? Expected => ExpectedRefusal.Of(Operation, Tree);

    public override string ToString() => $"{Operation.Name}: {What}";
}
