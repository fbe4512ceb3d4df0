using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Weir.Protocol;

/// <summary>A pattern of the service model. Matches whole values, as the service does, though the model's text has no anchors.</summary>
/// <remarks>
/// The service runs Java's dialect: <c>\d</c> is an ASCII digit, <c>\S</c> excludes ASCII white space only and <c>.</c> stops at
/// every line end. The text is translated, and matched without backtracking, because a request may carry megabytes.
/// Thread-safe. The expression is built at the first use: most processes never need most patterns.
/// </remarks>
public sealed class ShapePattern
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    // Names of streams, shards and consumers are in nearly every request, so they do without the expression's start-up cost.
    private const string NamePattern = "[a-zA-Z0-9_.-]+";

    private readonly Lazy<Regex> _expression;

    internal ShapePattern(string text)
    {
        Text = text;
        _expression = new Lazy<Regex>(() =>
            new Regex($@"\A(?:{Translate(text)})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
    }

    /// <summary>The pattern as the model writes it, for error messages.</summary>
    public string Text { get; }

    /// <summary>Whether the whole value matches. Linear in the value's length.</summary>
    public bool IsMatch(ReadOnlySpan<char> value) =>
        Text == NamePattern
            ? value.Length > 0 && !value.ContainsAnyExcept(NameCharacters)
            : _expression.Value.IsMatch(value);

    private static string Translate(string java)
    {
        var text = new StringBuilder(java.Length + 32);
        var inClass = false;
        for (var i = 0; i < java.Length; i++)
        {
            var c = java[i];
            if (c == '\\')
            {
                var escaped = java[++i];
                text.Append((escaped, inClass) switch
                {
                    ('d', false) => "[0-9]",
                    ('d', true) => "0-9",
                    ('S', false) => @"[^ \t\n\v\f\r]",
                    _ => "\\" + escaped,
                });
                continue;
            }

            inClass = c switch { '[' => true, ']' => false, _ => inClass };
            text.Append(c == '.' && !inClass ? @"[^\n\r\u0085\u2028\u2029]" : c);
        }

        return text.ToString();
    }
}
