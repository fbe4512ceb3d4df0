namespace Weir.Protocol;

/// <summary>
/// A pattern of the service model. Matches whole values, as the service does, though the model's text has no anchors.
/// </summary>
/// <remarks>
/// Not <see cref="System.Text.RegularExpressions.Regex"/>: its backtracking takes quadratic time on <c>arn:aws.*:kinesis:.*</c>
/// when
/// a request carries megabytes, and its mode without backtracking takes some 40 ms to build, at the first request that names an
/// ARN. This is the textbook's position automaton for the little that the model's patterns use, in Java's dialect: <c>\d</c> is
/// an
/// ASCII digit, <c>\S</c> excludes ASCII white space only, <c>.</c> stops at every line end.
/// Thread-safe. The automaton is built at the first use, in well under a millisecond.
/// </remarks>
public sealed class ShapePattern
{
    private readonly Lazy<PatternAutomaton> _automaton;

    internal ShapePattern(string text)
    {
        Text = text;
        _automaton = new Lazy<PatternAutomaton>(() => PatternParser.Parse(text));
    }

    /// <summary>The pattern as the model writes it, for error messages.</summary>
    public string Text { get; }

    /// <summary>Whether the whole value matches. Linear in the value's length; allocates nothing.</summary>
    public bool IsMatch(ReadOnlySpan<char> value) => _automaton.Value.IsMatch(value);
}
