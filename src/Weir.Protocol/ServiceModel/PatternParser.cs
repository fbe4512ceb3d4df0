namespace Weir.Protocol;

/// <summary>
/// Reads the regular expressions that the model uses: literals, classes, <c>\d \S .</c>, groups, alternatives and the repetitions
/// <c>* + {n} {n,m}</c>. Anything else is refused, so that a new model cannot be misread.
/// </summary>
internal sealed class PatternParser
{
    // Bits of the ASCII characters that Java's \s names: tab to carriage return, and the space.
    private const ulong WhiteSpace = 0b11111UL << '\t' | 1UL << ' ';

    private readonly string _pattern;
    private readonly List<CharacterSet> _characters = [];
    private readonly List<HashSet<int>> _follow = [];
    private int _at;

    private PatternParser(string pattern) => _pattern = pattern;

    // What the automaton needs to know of a part: where it may begin and end, and whether it may be empty.
    private sealed record Part(HashSet<int> First, HashSet<int> Last, bool IsEmpty)
    {
        public static Part Nothing => new([], [], IsEmpty: true);
    }

    /// <exception cref="NotSupportedException">The pattern uses what no pattern of the model has used so far.</exception>
    public static PatternAutomaton Parse(string pattern)
    {
        var parser = new PatternParser(pattern);
        if (pattern.StartsWith('^'))
            parser._at = 1; // The whole value has to match anyway.
        var whole = parser.ParseAlternatives();
        if (parser._at != pattern.Length)
            throw parser.NotSupported();
        return new PatternAutomaton(
            [.. parser._characters],
            parser.Bits(whole.First),
            [.. parser._follow.Select(parser.Bits)],
            parser.Bits(whole.Last),
            whole.IsEmpty);
    }

    private Part ParseAlternatives()
    {
        var all = ParseSequence();
        while (_at < _pattern.Length && _pattern[_at] == '|')
        {
            _at++;
            var other = ParseSequence();
            all = new Part([.. all.First, .. other.First], [.. all.Last, .. other.Last], all.IsEmpty || other.IsEmpty);
        }

        return all;
    }

    private Part ParseSequence()
    {
        var sequence = Part.Nothing;
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
            sequence = Then(sequence, ParseRepeated());
        return sequence;
    }

    // A counted repetition is written out: the text is read again for each copy, which gives every copy its own places.
    private Part ParseRepeated()
    {
        var start = _at;
        var once = ParseAtom();
        if (_at == _pattern.Length)
            return once;
        switch (_pattern[_at])
        {
            case '*':
                _at++;
                return Loop(once) with { IsEmpty = true };
            case '+':
                _at++;
                return Loop(once);
            case '{':
                var (min, max) = ParseCounts();
                var end = _at;
                var repeated = max == 0 ? Part.Nothing : once with { IsEmpty = once.IsEmpty || min == 0 };
                for (var copy = 2; copy <= max; copy++)
                {
                    _at = start;
                    var next = ParseAtom();
                    repeated = Then(repeated, next with { IsEmpty = next.IsEmpty || copy > min });
                }

                _at = end;
                return repeated;
            default:
                return once;
        }
    }

    private (int Min, int Max) ParseCounts()
    {
        var end = _pattern.IndexOf('}', _at);
        var counts = _pattern[(_at + 1)..end].Split(',');
        _at = end + 1;
        return (int.Parse(counts[0], provider: null), int.Parse(counts[^1], provider: null));
    }

    private Part ParseAtom()
    {
        var character = _pattern[_at++];
        switch (character)
        {
            case '(':
                var group = ParseAlternatives();
                return _at < _pattern.Length && _pattern[_at++] == ')' ? group : throw NotSupported();
            case '[':
                return Place(ParseClass());
            case '.':
                return Place(new CharacterSet(~(Bit('\n') | Bit('\r')), NonAscii.AllButLineEnds));
            case '\\':
                return Place(ParseEscape());
            case '*' or '+' or '?' or '{' or '^' or '$':
                throw NotSupported();
            default:
                return Place(Single(character));
        }
    }

    private CharacterSet ParseEscape() => _pattern[_at++] switch
    {
        'd' => new CharacterSet(Range('0', '9'), NonAscii.None),
        'S' => new CharacterSet(~(UInt128)WhiteSpace, NonAscii.All),
        var letter when char.IsAsciiLetterOrDigit(letter) => throw NotSupported(),
        var literal => Single(literal),
    };

    private CharacterSet ParseClass()
    {
        var negated = _pattern[_at] == '^';
        if (negated)
            _at++;
        UInt128 ascii = 0;
        while (_pattern[_at] != ']')
        {
            var item = _pattern[_at++] is var character && character == '\\' ? ParseEscape() : Single(character);
            var isRange = _pattern[_at] == '-' && _pattern[_at + 1] != ']';
            ascii |= isRange ? Range(character, _pattern[_at + 1]) : item.Ascii;
            _at += isRange ? 2 : 0;
        }

        _at++;
        return negated ? new CharacterSet(~ascii, NonAscii.All) : new CharacterSet(ascii, NonAscii.None);
    }

    private Part Place(CharacterSet characters)
    {
        var place = _characters.Count;
        _characters.Add(characters);
        _follow.Add([]);
        return new Part([place], [place], IsEmpty: false);
    }

    private Part Then(Part left, Part right)
    {
        foreach (var place in left.Last)
            _follow[place].UnionWith(right.First);
        return new Part(
            left.IsEmpty ? [.. left.First, .. right.First] : left.First,
            right.IsEmpty ? [.. left.Last, .. right.Last] : right.Last,
            left.IsEmpty && right.IsEmpty);
    }

    private Part Loop(Part part)
    {
        foreach (var place in part.Last)
            _follow[place].UnionWith(part.First);
        return part;
    }

    private ulong[] Bits(HashSet<int> places)
    {
        var bits = new ulong[(_characters.Count + 63) / 64];
        foreach (var place in places)
            bits[place / 64] |= 1UL << (place % 64);
        return bits;
    }

    private CharacterSet Single(char character) =>
        character < 128 ? new CharacterSet(Bit(character), NonAscii.None) : throw NotSupported();

    private static UInt128 Range(char from, char to) => (Bit(to) << 1) - Bit(from);

    private static UInt128 Bit(char character) => UInt128.One << character;

    private NotSupportedException NotSupported() => new($"The pattern {_pattern} uses something new at {_at}.");
}
