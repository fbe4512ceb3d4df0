using System.Text.RegularExpressions;

namespace Weir.Tidy;

/// <summary>Just enough understanding of C# text for plain checks.</summary>
internal static partial class Source
{
    /// <summary>The number of the line that holds a position, from 1.</summary>
    public static int LineOf(string text, int position) => 1 + text.AsSpan(0, position).Count('\n');

    /// <summary>The text with comments blanked out, lines and positions kept. A // inside a string that follows a colon (a URL) stays.</summary>
    public static string WithoutComments(string text) =>
        Comment().Replace(text, comment => Blank().Replace(comment.Value, " "));

    /// <summary>Every match of a pattern outside comments, as a complaint with file and line.</summary>
    public static IEnumerable<string> Find((string Path, string Text) file, Regex pattern, string complaint)
    {
        var code = WithoutComments(file.Text);
        return pattern.Matches(code).Select(match => $"{file.Path}:{LineOf(code, match.Index)}: {match.Value.Trim()}: {complaint}");
    }

    /// <summary>Fails with one complaint a line.</summary>
    public static void AssertNone(IEnumerable<string> complaints)
    {
        var all = complaints.ToList();
        Assert.True(all.Count == 0, $"{all.Count} complaints:\n{string.Join('\n', all)}");
    }

    [GeneratedRegex(@"(?<!:)//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"[^\n]")]
    private static partial Regex Blank();
}
