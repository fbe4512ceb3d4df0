using System.Text.Json;
using System.Text.RegularExpressions;
using Weir.Conformance.Server;

namespace Weir.Conformance.Compatibility;

/// <summary>Something that no public source about the service decides, and what we do; read from choices.json beside this file.</summary>
/// <param name="Operations">The operations it is about, or one <c>*</c> for all of them.</param>
/// <param name="Open">The question.</param>
/// <param name="TheChoice">Our answer.</param>
/// <param name="Test">The test that holds it, as Class.Method, or null where no test holds it yet.</param>
internal sealed partial record Choice(
    IReadOnlyList<string> Operations, string Open, [property: System.Text.Json.Serialization.JsonPropertyName("choice")] string TheChoice, string? Test)
{
    /// <summary>Stands for every operation.</summary>
    public const string Everywhere = "*";

    /// <summary>The choices of this checkout, in their order.</summary>
    public static IReadOnlyList<Choice> OfCheckout { get; } = JsonSerializer.Deserialize<IReadOnlyList<Choice>>(
        File.ReadAllText(Path.Combine(Repository.Root, "tests/Weir.Conformance/Compatibility/choices.json")), JsonSerializerOptions.Web)!;

    /// <summary>Every test of the checkout, as Class.Method, by a look at the sources.</summary>
    public static IReadOnlySet<string> TestsOfCheckout()
    {
        var tests = new HashSet<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories))
        {
            var type = "";
            foreach (Match match in ClassOrMethod().Matches(File.ReadAllText(file)))
            {
                if (match.Groups["class"].Success)
                    type = match.Groups["class"].Value;
                else
                    tests.Add($"{type}.{match.Groups["method"].Value}");
            }
        }

        return tests;
    }

    [GeneratedRegex(@"^(?:public|internal|file)[ \w]* class (?<class>\w+)|\bpublic\s+(?:static\s+)?(?:async\s+)?(?:Task|void)\s+(?<method>\w+)\s*\(", RegexOptions.Multiline)]
    private static partial Regex ClassOrMethod();
}
