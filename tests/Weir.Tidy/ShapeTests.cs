using System.Text.RegularExpressions;

namespace Weir.Tidy;

/// <summary>A file holds one idea, a catch block says what it swallows and why, and a script at least parses.</summary>
public sealed partial class ShapeTests
{
    private const int MaxLines = 400;
    private static readonly string[] HandWritten = [".cs", ".sh", ".py", ".cjs", ".js", ".mjs"];

    [Fact]
    public void No_hand_written_file_is_longer_than_400_lines() => Source.AssertNone(LongFiles(Tree.Checkout));

    [Fact]
    public void A_long_file_is_found_unless_it_is_generated()
    {
        var text = string.Concat(Enumerable.Repeat("x\n", MaxLines + 1));
        Assert.Equal(
            ["src/a.cs: 401 lines; which second idea is inside?"],
            LongFiles(new Tree(("src/a.cs", text), ("src/a.g.cs", text), ("docs/a.md", text), ("src/b.cs", text[2..]))));
    }

    [Fact]
    public void No_catch_block_is_empty() => Source.AssertNone(EmptyCatches(Tree.Checkout));

    [Theory]
    [InlineData("try { A(); } catch { }")]
    [InlineData("catch (IOException) {}")]
    [InlineData("catch (Exception e) when (Is(e, (int)x))\n{\n}")]
    public void An_empty_catch_block_is_found(string text) => Assert.Single(EmptyCatches(new Tree(("src/a.cs", text))));

    [Theory]
    [InlineData("catch (IOException) { throw; }")]
    [InlineData("catch\n{\n    // Gone already, which is what was asked for.\n}")]
    public void A_catch_block_that_says_something_is_not(string text) => Assert.Empty(EmptyCatches(new Tree(("src/a.cs", text))));

    private static IEnumerable<string> LongFiles(Tree tree) =>
        from file in tree.Files
        where HandWritten.Contains(Path.GetExtension(file.Key)) && !file.Key.EndsWith(".g.cs", StringComparison.Ordinal)
        let lines = file.Value.AsSpan().TrimEnd('\n').Count('\n') + 1
        where lines > MaxLines
        select $"{file.Key}: {lines} lines; which second idea is inside?";

    private static IEnumerable<string> EmptyCatches(Tree tree) =>
        from file in tree.SourcesBelow("")
        // The samples above are this project's own text.
        where !file.Path.StartsWith("tests/Weir.Tidy/", StringComparison.Ordinal)
        from Match match in EmptyCatch().Matches(file.Text)
        select $"{file.Path}:{Source.LineOf(file.Text, match.Index)}: an empty catch block; say in it why it swallows";

    [GeneratedRegex(@"\bcatch\s*(\((?>[^()]|(?<open>\()|(?<-open>\)))*\)\s*)?(when\s*\((?>[^()]|(?<open>\()|(?<-open>\)))*\)\s*)?\{\s*\}")]
    private static partial Regex EmptyCatch();
}
