using System.Globalization;
using System.Text;

namespace Weir.Oracle;

/// <summary>Makes texts that a pattern of the model accepts: a walk down the pattern that chooses at every branch.</summary>
public sealed class PatternSampler
{
    private const int FewRepeats = 6;
    private const string Printable = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

    private readonly string _pattern;
    private readonly Part _whole;
    private Repeat? _lastEndless;
    private int _at;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It uses more than the model's patterns do.</exception>
    public PatternSampler(string pattern)
    {
        _pattern = pattern.TrimStart('^');
        _whole = ReadChoice();
        if (_at < _pattern.Length)
            throw new FormatException($"The sampler cannot read the pattern {pattern} behind character {_at}.");
    }

    private abstract record Part;

    private sealed record Characters(string Set) : Part;

    private sealed record Sequence(IReadOnlyList<Part> Parts) : Part;

    private sealed record Choice(IReadOnlyList<Part> Options) : Part;

    private sealed record Repeat(Part Content, int Least, int? Most) : Part;

    /// <summary>A text that matches.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="leastLength">The last repetition without an end is stretched until the text is as long; where there is none it stays short.</param>
    public string Sample(Random random, int leastLength = 0)
    {
        var text = Sample(random, stretch: 0, out _);
        // Only the stretched repetition differs, by exactly what is missing.
        return text.Length >= leastLength ? text : Sample(random, leastLength, out _);
    }

    private string Sample(Random random, int stretch, out int length)
    {
        var text = new StringBuilder();
        Append(text, _whole, random, stretch);
        length = text.Length;
        return text.ToString();
    }

    private void Append(StringBuilder text, Part part, Random random, int stretch)
    {
        switch (part)
        {
            case Characters characters:
                text.Append(characters.Set[random.Next(characters.Set.Length)]);
                break;
            case Sequence sequence:
                foreach (var item in sequence.Parts)
                    Append(text, item, random, stretch);
                break;
            case Choice choice:
                Append(text, choice.Options[random.Next(choice.Options.Count)], random, stretch);
                break;
            case Repeat repeat:
                var count = random.Next(repeat.Least, Math.Min(repeat.Most ?? int.MaxValue, repeat.Least + FewRepeats) + 1);
                if (ReferenceEquals(repeat, _lastEndless))
                    count = Math.Max(count, stretch - text.Length);
                for (var i = 0; i < count; i++)
                    Append(text, repeat.Content, random, stretch);
                break;
        }
    }

    private Part ReadChoice()
    {
        var options = new List<Part> { ReadSequence() };
        while (_at < _pattern.Length && _pattern[_at] == '|')
        {
            _at++;
            options.Add(ReadSequence());
        }

        return options.Count == 1 ? options[0] : new Choice(options);
    }

    private Sequence ReadSequence()
    {
        var parts = new List<Part>();
        while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
            parts.Add(ReadRepeat(ReadOne()));
        return new Sequence(parts);
    }

    private Part ReadRepeat(Part content)
    {
        var (least, most) = _at == _pattern.Length ? (1, 1) : _pattern[_at] switch
        {
            '*' => (0, (int?)null),
            '+' => (1, null),
            '{' => ReadBraces(),
            _ => (1, 1),
        };
        if ((least, most) == (1, 1))
            return content;
        _at++;
        var repeat = new Repeat(content, least, most);
        if (most is null)
            _lastEndless = repeat;
        return repeat;
    }

    private (int Least, int? Most) ReadBraces()
    {
        var end = _pattern.IndexOf('}', _at);
        var bounds = _pattern[(_at + 1)..end].Split(',').Select(bound => int.Parse(bound, CultureInfo.InvariantCulture)).ToArray();
        _at = end;
        return (bounds[0], bounds[^1]);
    }

    private Part ReadOne()
    {
        switch (_pattern[_at++])
        {
            case '(':
                var group = ReadChoice();
                _at++;
                return group;
            case '[':
                return ReadClass();
            case '.':
                return new Characters(Printable);
            case '\\':
                return new Characters(Escaped(_pattern[_at++]));
            case var literal:
                return new Characters(literal.ToString());
        }
    }

    private Characters ReadClass()
    {
        var negated = _pattern[_at] == '^';
        if (negated)
            _at++;
        var set = new StringBuilder();
        while (_pattern[_at] != ']')
        {
            var first = _pattern[_at] == '\\' ? Escaped(_pattern[++_at]) : _pattern[_at].ToString();
            _at++;
            if (_pattern[_at] == '-' && _pattern[_at + 1] != ']')
            {
                for (var character = first[0]; character <= _pattern[_at + 1]; character++)
                    set.Append(character);
                _at += 2;
            }
            else
            {
                set.Append(first);
            }
        }

        _at++;
        return new Characters(negated ? string.Concat(Printable.Except(set.ToString())) : set.ToString());
    }

    private static string Escaped(char character) => character switch
    {
        'd' => "0123456789",
        'S' => Printable[1..],
        _ => character.ToString(),
    };
}
