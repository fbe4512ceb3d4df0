using System.Text.RegularExpressions;

namespace Weir.Tidy;

/// <summary>
/// Project references are the layering. A project refers only to layers above it in the list; the client side knows nothing
/// of how a server keeps its data, and the wire's shapes know only the values.
/// </summary>
public sealed partial class LayeringTests
{
    // From the bottom up. A name ending in a dot stands for every project that begins with it.
    private static readonly string[] Layers =
    [
        "Model", "Log", "Streams", "Storage.", "Protocol", "Server",
        "Pipelines", "Client", "Producer", "Consumer", "Consumer.", "Autoscaler", "Dashboard", "Console", "Cli", "TestKit",
    ];

    private static readonly string[] ClientSide = ["Pipelines", "Client", "Producer", "Consumer", "Consumer.", "Autoscaler", "Dashboard", "Console"];
    private static readonly string[] ServerSide = ["Log", "Streams", "Storage.", "Server"];
    private static readonly string[] FreeToUseAll = ["Cli", "TestKit"];

    [Fact]
    public void Projects_refer_only_to_layers_above_them_in_the_list() => Source.AssertNone(Complaints(Tree.Checkout));

    [Theory]
    [InlineData("Log", "Streams")]
    [InlineData("Model", "Protocol")]
    [InlineData("Protocol", "Log")]
    [InlineData("Protocol", "Streams")]
    [InlineData("Client", "Server")]
    [InlineData("Client", "Log")]
    [InlineData("Consumer.Sqlite", "Streams")]
    [InlineData("Consumer.Sqlite", "Storage.Postgres")]
    [InlineData("Server", "Client")]
    [InlineData("Server", "Cli")]
    [InlineData("Cli", "TestKit")]
    [InlineData("Utils", "Model")]
    public void A_reference_against_the_layers_is_found(string from, string to) => Assert.NotEmpty(Complaints(Referring(from, to)));

    [Theory]
    [InlineData("Streams", "Log")]
    [InlineData("Protocol", "Model")]
    [InlineData("Consumer", "Client")]
    [InlineData("Consumer.Sqlite", "Consumer")]
    [InlineData("Cli", "Server")]
    [InlineData("TestKit", "Log")]
    public void A_reference_along_the_layers_is_not(string from, string to) => Assert.Empty(Complaints(Referring(from, to)));

    private static Tree Referring(string from, string to) => new(
        ($"src/Weir.{from}/Weir.{from}.csproj", $"""<ProjectReference Include="../Weir.{to}/Weir.{to}.csproj" />"""));

    private static IEnumerable<string> Complaints(Tree tree)
    {
        foreach (var (path, text) in tree.Below("src/", ".csproj"))
        {
            var from = LayerOf(Path.GetFileNameWithoutExtension(path));
            if (from is null)
            {
                yield return $"{path}: no layer of this name; give it a place in {nameof(LayeringTests)}";
                continue;
            }

            foreach (Match reference in ProjectReference().Matches(text))
            {
                var to = LayerOf(reference.Groups["name"].Value);
                if (to is null)
                    yield return $"{path}: refers to {reference.Groups["name"].Value}, which is no layer";
                else if (Reason(from, to) is { } reason)
                    yield return $"{path}: refers to {reference.Groups["name"].Value}: {reason}";
            }
        }
    }

    private static string? Reason(string from, string to)
    {
        if (Array.IndexOf(Layers, to) >= Array.IndexOf(Layers, from) && !(from == to && from.EndsWith('.')))
            return "a project refers only to layers listed before its own";
        if (from == "Protocol" && to != "Model")
            return "the wire's shapes refer only to the values";
        if (ClientSide.Contains(from) && ServerSide.Contains(to))
            return "the client side does not know how a server works";
        return FreeToUseAll.Contains(to) ? "nothing that ships builds on it" : null;
    }

    private static string? LayerOf(string project)
    {
        if (!project.StartsWith("Weir.", StringComparison.Ordinal))
            return null;
        var name = project["Weir.".Length..];
        return Layers.FirstOrDefault(layer => layer == name)
            ?? Layers.FirstOrDefault(layer => layer.EndsWith('.') && name.StartsWith(layer, StringComparison.Ordinal));
    }

    [GeneratedRegex("""<ProjectReference\s+Include="[^"]*?(?<name>[^/\\"]+)\.csproj"[^>]*>""")]
    private static partial Regex ProjectReference();
}
