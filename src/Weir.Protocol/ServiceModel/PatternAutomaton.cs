using System.Numerics;

namespace Weir.Protocol;

/// <summary>
/// Glushkov's automaton: one state for each place of the pattern that takes a character. A set of places is a row of bits, so a
/// step costs as many operations as places are alive, whatever came before.
/// </summary>
/// <param name="characters">What each place takes.</param>
/// <param name="first">The places that may take the first character.</param>
/// <param name="follow">For each place, those that may take the next character after it.</param>
/// <param name="last">The places that may take the last character.</param>
/// <param name="matchesEmpty">Whether the empty text matches.</param>
internal sealed class PatternAutomaton(
    CharacterSet[] characters, ulong[] first, ulong[][] follow, ulong[] last, bool matchesEmpty)
{
    // The longest pattern, 0|([1-9]\d{0,128}), has 130 places.
    private const int MaxWords = 4;

    public bool IsMatch(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return matchesEmpty;
        Span<ulong> alive = stackalloc ulong[MaxWords];
        Span<ulong> next = stackalloc ulong[MaxWords];
        first.CopyTo(alive);
        for (var i = 0; i < text.Length - 1; i++)
        {
            if (!Step(text[i], alive, next))
                return false;
            next.CopyTo(alive);
        }

        return CanEnd(text[^1], alive);
    }

    // The places alive after the character; false when there are none.
    private bool Step(char character, ReadOnlySpan<ulong> alive, Span<ulong> next)
    {
        var any = false;
        next.Clear();
        for (var word = 0; word < first.Length; word++)
        {
            for (var bits = alive[word]; bits != 0; bits &= bits - 1)
            {
                var place = (word * 64) + BitOperations.TrailingZeroCount(bits);
                if (!characters[place].Contains(character))
                    continue;
                any = true;
                var successors = follow[place];
                for (var i = 0; i < successors.Length; i++)
                    next[i] |= successors[i];
            }
        }

        return any;
    }

    private bool CanEnd(char character, ReadOnlySpan<ulong> alive)
    {
        for (var word = 0; word < last.Length; word++)
        {
            for (var bits = alive[word] & last[word]; bits != 0; bits &= bits - 1)
            {
                if (characters[(word * 64) + BitOperations.TrailingZeroCount(bits)].Contains(character))
                    return true;
            }
        }

        return false;
    }
}

/// <summary>The characters that one place of a pattern takes: a bit for each of ASCII, and one rule for the rest.</summary>
internal readonly record struct CharacterSet(UInt128 Ascii, NonAscii Rest)
{
    private const string LineEndsBeyondAscii = "\u0085\u2028\u2029";

    public bool Contains(char character) =>
        character < 128
            ? (Ascii >> character & 1) != 0
            : Rest == NonAscii.All || (Rest == NonAscii.AllButLineEnds && !LineEndsBeyondAscii.Contains(character));
}

/// <summary>Which characters beyond ASCII a place of a pattern takes.</summary>
internal enum NonAscii : byte
{
    None,
    All,
    AllButLineEnds,
}
