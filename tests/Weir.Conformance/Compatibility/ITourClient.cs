using System.Text.Json.Nodes;

namespace Weir.Conformance.Compatibility;

/// <summary>Makes the calls of a tour, in its own encoding and over its own connection.</summary>
internal interface ITourClient : IAsyncDisposable
{
    /// <summary>Makes one call and returns what came of it; anything but an answer of the server throws.</summary>
    Task<TourAnswer> CallAsync(TourCall call);
}

/// <summary>One call, with all variables filled in.</summary>
/// <param name="Operation">The operation's name.</param>
/// <param name="Input">Values as <see cref="TourValue"/> has them.</param>
/// <param name="Recent">The call uses an operation or member that older clients do not know.</param>
/// <param name="ReadUntil">For a subscription: the data of the last record to read.</param>
internal sealed record TourCall(string Operation, JsonObject Input, bool Recent, JsonNode? ReadUntil);

/// <summary>What the server answered, as the client gives it to its user.</summary>
internal abstract record TourAnswer
{
    /// <summary>A success. A subscription's output has the events read so far under <c>Events</c>.</summary>
    /// <param name="Members">Values as <see cref="TourValue"/> has them.</param>
    /// <param name="NewerModel">The client could make the call only with a newer service model than it comes with.</param>
    public sealed record Output(JsonObject Members, bool NewerModel = false) : TourAnswer;

    /// <summary>An error of the service.</summary>
    public sealed record Refusal(string Type, string Message, int Status) : TourAnswer;
}
