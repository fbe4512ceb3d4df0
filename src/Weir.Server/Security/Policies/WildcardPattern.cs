namespace Weir.Server.Security.Policies;

/// <summary>A pattern of a policy: <c>*</c> stands for any characters, none included, <c>?</c> for exactly one. It matches whole texts.</summary>
/// <param name="text">The pattern.</param>
/// <param name="ignoreCase">Whether ASCII letters match in either case.</param>
internal readonly struct WildcardPattern(string text, bool ignoreCase = false)
{
    /// <summary>Whether a text is of this pattern.</summary>
    /// <remarks>
    /// Goes back to the last star only: whatever an earlier star took, a later one can make up for. So the cost is at most the product of
    /// both lengths, whoever wrote the pattern.
    /// </remarks>
    public bool IsMatch(ReadOnlySpan<char> value)
    {
        var (at, star, resume) = (0, -1, 0);
        for (var i = 0; i < value.Length;)
        {
            if (at < text.Length && text[at] == '*')
            {
                (star, resume) = (at, i);
                at++;
            }
            else if (at < text.Length && (text[at] == '?' || IsSame(text[at], value[i])))
            {
                at++;
                i++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                i = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (at < text.Length && text[at] == '*')
            at++;
        return at == text.Length;
    }

    /// <summary>The pattern.</summary>
    public override string ToString() => text;

    private bool IsSame(char one, char other) => one == other || (ignoreCase && char.ToUpperInvariant(one) == char.ToUpperInvariant(other));
}
