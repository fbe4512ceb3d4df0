using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Weir.Conformance.Server;

namespace Weir.Conformance.Compatibility;

/// <summary>
/// The tour: one walk through all operations of the API, the same for every client, read from tour.json beside this file. A
/// stream is made, written, read, changed in every way there is, and deleted; each step says what has to be answered.
/// </summary>
internal sealed class Tour
{
    /// <summary>The tour of this checkout.</summary>
    public static Tour OfCheckout { get; } = Read(File.ReadAllText(Path.Combine(Repository.Root, "tests/Weir.Conformance/Compatibility/tour.json")));

    /// <summary>What inputs and expectations refer to as <c>${name}</c> from the start; steps add to it.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>In the order in which they are taken.</summary>
    public required IReadOnlyList<TourStep> Steps { get; init; }

    /// <summary>Reads a tour; a member that no step has is an error, so that a misspelt expectation cannot go unseen.</summary>
    public static Tour Read(string json) => JsonSerializer.Deserialize<Tour>(json, new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    })!;
}

/// <summary>One call of the tour, and what has to come of it.</summary>
internal sealed class TourStep
{
    public required string Operation { get; init; }

    /// <summary>The input, with <c>${name}</c> for variables and <see cref="TourValue"/>'s tags for blobs and timestamps.</summary>
    public JsonObject Input { get; init; } = [];

    /// <summary>By the path of a member of the output, what it has to be (see <see cref="Expectation"/>).</summary>
    public JsonObject Expect { get; init; } = [];

    /// <summary>By the name of a variable, the path of the member of the output that later steps refer to.</summary>
    public IReadOnlyDictionary<string, string> Save { get; init; } = new Dictionary<string, string>();

    /// <summary>The error that has to come instead of an output.</summary>
    public string? Refused { get; init; }

    /// <summary>The error's text, or null where clients may not rely on it.</summary>
    public string? Message { get; init; }

    /// <summary>The call is repeated until the answer is as expected: a state is on its way.</summary>
    public bool Until { get; init; }

    /// <summary>For a subscription: the data of the record up to which its events are read.</summary>
    public JsonObject? ReadUntil { get; init; }

    /// <summary>Older clients know neither this operation or member, nor a way around it.</summary>
    public bool Recent { get; init; }

    /// <summary>Further operations without which the step means nothing.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    public override string ToString() => $"{Operation} {Input.ToJsonString()}";
}
