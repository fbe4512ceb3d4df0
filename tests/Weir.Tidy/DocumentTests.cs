using System.Text.RegularExpressions;

namespace Weir.Tidy;

/// <summary>Documents point at things that exist: links, headings, paths in backticks, and the files of the architecture's walk.</summary>
public sealed partial class DocumentTests
{
    private const string Architecture = "docs/architecture.md";

    private static readonly string[] TopFolders = ["src", "tests", "docs", "eng", "benchmarks", "samples", ".ci", ".github"];

    [Fact]
    public void Links_and_paths_lead_somewhere() => Source.AssertNone(Complaints(Tree.Checkout));

    [Theory]
    [InlineData("docs/a.md", "see [b](b.md)")]
    [InlineData("docs/a.md", "see [b](../src/Gone.cs#L3)")]
    [InlineData("docs/a.md", "# One thing\nsee [itself](#another-thing)")]
    [InlineData("docs/a.md", "see `src/Weir.Gone/Gone.cs`")]
    [InlineData("README.md", "see `docs/gone.md` and more")]
    [InlineData("README.md", "![picture](docs/gone.png)")]
    [InlineData(Architecture, "PUT  Server/Http/Gone.cs  reads the target")]
    public void A_dead_one_is_found(string path, string text) => Assert.Single(Complaints(new Tree((path, text))));

    [Theory]
    [InlineData("docs/a.md", "see [c](adr/c.md), [top](../README.md), [part](adr/c.md#second-part-it-is) and [web](https://example.com/x)")]
    [InlineData("docs/a.md", "see `src/Weir.Log/GroupCommit.cs`, `src/Weir.Log/`, `src/*/GroupCommit.cs` and `artifacts/bin`")]
    [InlineData(Architecture, "PUT  Log/GroupCommit.cs  one write -> src/Weir.Log/GroupCommit.cs")]
    public void A_living_one_is_not(string path, string text) => Assert.Empty(Complaints(new Tree(
        (path, text), ("README.md", ""), ("docs/adr/c.md", "## Second part: it is"), ("src/Weir.Log/GroupCommit.cs", ""))));

    private static IEnumerable<string> Complaints(Tree tree) =>
        from file in tree.Below("", ".md")
        where file.Path.StartsWith("docs/", StringComparison.Ordinal) || !file.Path.Contains('/')
        from complaint in DeadLinks(tree, file).Concat(DeadPaths(tree, file)).Concat(DeadSteps(tree, file))
        select complaint;

    private static IEnumerable<string> DeadLinks(Tree tree, (string Path, string Text) file)
    {
        foreach (Match link in Link().Matches(WithoutCode(file.Text)))
        {
            var target = link.Groups["target"].Value;
            if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
                continue;
            var parts = target.Split('#', 2);
            var path = parts[0].Length == 0 ? file.Path : Resolve(file.Path, parts[0]);
            if (!tree.Exists(path))
                yield return $"{file.Path}: the link {target} leads nowhere";
            else if (parts.Length == 2 && path.EndsWith(".md", StringComparison.Ordinal) && !HasHeading(tree.Files[path], parts[1]))
                yield return $"{file.Path}: {path} has no heading #{parts[1]}";
        }
    }

    private static IEnumerable<string> DeadPaths(Tree tree, (string Path, string Text) file)
    {
        foreach (Match quoted in QuotedPath().Matches(file.Text))
        {
            var path = quoted.Groups["path"].Value;
            if (!TopFolders.Contains(path.Split('/')[0]))
                continue;
            var pattern = "^" + Regex.Escape(path.TrimEnd('/')).Replace("\\*", "[^/]*", StringComparison.Ordinal) + "(/|$)";
            if (!tree.Files.Keys.Any(existing => Regex.IsMatch(existing, pattern)))
                yield return $"{file.Path}: `{path}` does not exist";
        }
    }

    /// <summary>The architecture follows a record by file names, which are written from the project's folder on.</summary>
    private static IEnumerable<string> DeadSteps(Tree tree, (string Path, string Text) file)
    {
        if (file.Path != Architecture)
            yield break;
        foreach (Match step in SourceFile().Matches(QuotedPath().Replace(file.Text, " ")))
            if (!tree.Files.Keys.Any(existing =>
                existing.EndsWith("/" + step.Value, StringComparison.Ordinal)
                || existing.EndsWith("/Weir." + step.Value, StringComparison.Ordinal) || existing == step.Value))
                yield return $"{file.Path}: no file {step.Value}";
    }

    private static string Resolve(string from, string target)
    {
        var parts = new List<string>(from.Split('/')[..^1]);
        foreach (var part in Uri.UnescapeDataString(target).TrimEnd('/').Split('/'))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ".")
                parts.Add(part);
        }

        return string.Join('/', parts);
    }

    private static bool HasHeading(string text, string anchor) =>
        Heading().Matches(WithoutCode(text)).Any(heading => Slug(heading.Groups["text"].Value) == anchor);

    private static string Slug(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    private static string WithoutCode(string text) => CodeBlock().Replace(text, "");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<path>\.?[A-Za-z0-9_\-]+(/[A-Za-z0-9_.\-*]+)*/?)`")]
    private static partial Regex QuotedPath();

    [GeneratedRegex(@"(?<![\w/.*])[A-Za-z][\w.]*(/[\w.]+)+\.cs\b")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"^#+\s+(?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
