using System.Text.RegularExpressions;

namespace Weir.Tidy;

/// <summary>What is committed works on every machine: no path of the machine it was written on, no package registry's host.</summary>
public sealed partial class NeutralityTests
{
    // Path, the text that may stand there, and why.
    private static readonly (string Path, string Text, string Reason)[] Allowed =
    [
    ];

    [Fact]
    public void No_file_names_a_machine_or_a_registry() => Source.AssertNone(Complaints(Tree.Checkout));

    [Theory]
    [InlineData("data = \"/{0}/weir\"", "tmp")]
    [InlineData("cd /{0}/main", "work")]
    [InlineData("`/{0}`", "root")]
    [InlineData("see /{0}/someone/x", "home")]
    [InlineData("https://{0}.org/package", "registry." + "npmjs")]
    [InlineData("<add key=\"x\" value=\"https://{0}.org/v3/index.json\" />", "api." + "nuget")]
    [InlineData("http://mirror.example/{0}/api/npm", "arti" + "factory")]
    public void A_machine_path_or_registry_is_found(string format, string word) =>
        Assert.Single(Complaints(new Tree(("docs/a.md", string.Format(System.Globalization.CultureInfo.InvariantCulture, format, word)))));

    [Theory]
    [InlineData("the work/rest balance of /workers and ./{0}/x")]
    [InlineData("https://example.com/{0}/page")]
    [InlineData("artifacts/{0}/log")]
    public void An_ordinary_text_is_not(string format) =>
        Assert.Empty(Complaints(new Tree(("docs/a.md", string.Format(System.Globalization.CultureInfo.InvariantCulture, format, "tmp")))));

    private static IEnumerable<string> Complaints(Tree tree) =>
        from file in tree.Files
        from Match match in MachinePath().Matches(file.Value).Concat(Registry().Matches(file.Value))
        let line = Source.LineOf(file.Value, match.Index)
        where !Allowed.Any(allowed => allowed.Path == file.Key && file.Value.Split('\n')[line - 1].Contains(allowed.Text, StringComparison.Ordinal))
        select $"{file.Key}:{line}: {match.Value.Trim()}: names a machine or a registry";

    [GeneratedRegex("""(?<![\w.\-*/})])/(tmp|work|root|home)(?=/|[\s"'`),;]|$)""", RegexOptions.Multiline)]
    private static partial Regex MachinePath();

    [GeneratedRegex("""\b(registry\.npmjs|registry\.yarnpkg|api\.nuget|pypi|files\.pythonhosted)\.org|\bartifactory\b|\bjfrog\b|\bcrates\.io\b""", RegexOptions.IgnoreCase)]
    private static partial Regex Registry();
}
