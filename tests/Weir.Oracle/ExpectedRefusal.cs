using System.Text.Json.Nodes;

namespace Weir.Oracle;

/// <summary>How a request must be refused before its operation has a say: types first, then constraints (spec section 2.5, steps 10 and 11).</summary>
/// <param name="Code">The short name of the error.</param>
/// <param name="Text">Its text.</param>
/// <param name="TextMember">Under which name the text is sent.</param>
public sealed record ExpectedRefusal(string Code, string Text, string TextMember)
{
    /// <summary>The refusal, or null when the model has nothing against the request.</summary>
    public static ExpectedRefusal? Of(ModelOperation operation, JsonObject request) =>
        TypeOracle.Text(operation, request) is { } type ? new ExpectedRefusal("SerializationException", type, "Message")
        : ConstraintOracle.Message(operation, request) is { } message ? new ExpectedRefusal("ValidationException", message, "message")
        : null;
}
