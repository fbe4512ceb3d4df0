using System.Globalization;
using System.Text;

namespace Weir.Protocol.Tests.Json;

/// <summary>Makes put bodies from a seed: legal ones, legal ones in unusual clothes, and wrong ones.</summary>
internal sealed class PutBodies(int seed, bool ordinary = false)
{
    private const string Base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private readonly Random _random = new(seed);
    private readonly StringBuilder _text = new();

    // How often something odd is put in place of the ordinary, in percent.
    private int _oddity;

    /// <summary>A body for PutRecords or PutRecord; odd in about half of the cases.</summary>
    public byte[] Next(bool batch)
    {
        _oddity = ordinary || _random.Next(2) == 0 ? 0 : _random.Next(1, 15);
        _text.Clear();
        var members = new List<Action> { () => Member("StreamName", StreamName) };
        if (_random.Next(5) == 0)
            members.Add(() => Member("StreamARN", () => Quoted("arn:aws:kinesis:us-east-1:000000000000:stream/s")));
        if (_random.Next(5) == 0)
            members.Add(() => Member("DryRun", () => _text.Append(Pick("true", "false", Odd("\"yes\"", "true"), Odd("1", "false")))));
        if (batch)
        {
            members.Add(() => Member("Records", Records));
        }
        else
        {
            members.AddRange(EntryMembers());
            if (_random.Next(3) == 0)
                members.Add(() => Member("SequenceNumberForOrdering", () => Quoted(Digits(_random.Next(1, IsOdd() ? 131 : 57)))));
        }

        Map(members);
        if (IsOdd())
            _text.Append(Pick(" ", "\n", "x", "{}", "\0"));
        var body = Encoding.UTF8.GetBytes(_text.ToString());
        if (IsOdd())
            Mutate(ref body);
        return body;
    }

    private void Records()
    {
        var count = _random.Next(100) switch { 0 => 500, 1 when _oddity > 0 => 501, 2 when _oddity > 0 => 0, _ => _random.Next(1, 6) };
        _text.Append('[');
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                _text.Append(Space()).Append(',').Append(Space());
            if (IsOdd(3))
                Anything(3);
            else
                Map(EntryMembers());
        }

        _text.Append(']');
    }

    private List<Action> EntryMembers()
    {
        var members = new List<Action>();
        if (!IsOdd(5))
            members.Add(() => Member("Data", Data));
        if (!IsOdd(5))
            members.Add(() => Member("PartitionKey", Key));
        if (_random.Next(4) == 0)
            members.Add(() => Member("ExplicitHashKey", () => Quoted(Digits(_random.Next(1, IsOdd() ? 41 : 40)))));
        return members;
    }

    private void Map(List<Action> members)
    {
        if (members.Count > 0 && IsOdd())
            members.Add(members[_random.Next(members.Count)]); // A duplicate, perhaps with another value.
        if (_random.Next(4) == 0)
            members.Add(() => Member(Pick("Unknown", "data", "Streamname", "\uD83D\uDE00"), () => Anything(3)));
        var shuffled = members.ToArray();
        _random.Shuffle(shuffled);
        _text.Append(Space()).Append('{').Append(Space());
        for (var i = 0; i < shuffled.Length; i++)
        {
            if (i > 0)
                _text.Append(',').Append(Space());
            shuffled[i]();
        }

        _text.Append('}').Append(Space());
    }

    private void Member(string name, Action value)
    {
        Quoted(name);
        _text.Append(Space()).Append(':').Append(Space());
        if (IsOdd(3))
            Anything(2);
        else
            value();
    }

    private void Data()
    {
        var bytes = new byte[_random.Next(20) == 0 ? _random.Next(5000) : _random.Next(40)];
        _random.NextBytes(bytes);
        var text = Convert.ToBase64String(bytes);
        if (IsOdd(2))
            text = MutatedBase64(text);
        Quoted(text);
    }

    private string MutatedBase64(string text) => _random.Next(6) switch
    {
        0 => text + "=",
        1 => text.Insert(_random.Next(text.Length + 1), Pick(" ", "    ", "=", "\n", "-", "\uD83D\uDE00")),
        2 when text.Length > 1 => text[..^1],
        3 => Pick("====", "A===", "AB==", "AAB=", "AA==AAAA", "AA= =", "    ", "AAAA    ", "=AAA", "AAAAAA=="),
        4 when text.Length > 4 => text[..^4] + Base64[_random.Next(64)] + Base64[_random.Next(64)] + "==",
        _ => text + Base64[_random.Next(64)] + Base64[_random.Next(64)] + Base64[_random.Next(64)] + "=",
    };

    private void Key()
    {
        var length = _random.Next(30) switch
        {
            0 => 256,
            1 => 255,
            2 when _oddity > 0 => 257,
            3 when _oddity > 0 => 0,
            _ => _random.Next(1, 20),
        };
        var key = new StringBuilder();
        while (key.Length < length)
            key.Append(Pick("a", "Z", "7", "-", "\u00E4", "\u20AC", key.Length + 2 <= length ? "\uD83D\uDE00" : "b", Odd("\"\\\n\u0001", "c")));
        Quoted(key.ToString(), allowLoneSurrogates: true);
    }

    private void StreamName() => Quoted(Pick("s", "stream-1", "A_b.c-9", Odd("", "s"), Odd("no/slash", "s"), Odd(new string('n', 129), "s")));

    private string Digits(int count)
    {
        var digits = new char[count];
        for (var i = 0; i < count; i++)
            digits[i] = (char)('0' + _random.Next(10));
        if (digits[0] == '0' && !IsOdd())
            digits[0] = '1';
        return new string(digits);
    }

    private void Anything(int depth)
    {
        switch (_random.Next(depth > 0 ? 9 : 7))
        {
            case 0: _text.Append("null"); break;
            case 1: _text.Append(Pick("true", "false")); break;
            case 2: _text.Append(Pick("0", "-1", "10.0", "1e1", "1e400", "123456789012345678901234567890", "-0.5")); break;
            case 3: Quoted(Pick("", "AAAA", "yes", "\u00E4\uD83D\uDE00")); break;
            case 4: _text.Append("[]"); break;
            case 5: _text.Append("{}"); break;
            case 6: Quoted("x", allowLoneSurrogates: true); break;
            case 7:
                _text.Append('[');
                Anything(depth - 1);
                _text.Append(',');
                Anything(depth - 1);
                _text.Append(']');
                break;
            default:
                _text.Append("{\"a\":");
                Anything(depth - 1);
                _text.Append(",\"b\":");
                Anything(depth - 1);
                _text.Append('}');
                break;
        }
    }

    private void Quoted(string value, bool allowLoneSurrogates = false)
    {
        // Some writers escape the slash, some everything beyond ASCII, some whatever they like.
        var style = _random.Next(6);
        _text.Append('"');
        foreach (var c in value)
        {
            if (c < ' ' || (style == 0 && c > '~') || (style == 1 && _oddity > 0 && _random.Next(3) == 0))
                _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else if (c is '"' or '\\' || (style == 2 && c == '/'))
                _text.Append('\\').Append(c);
            else
                _text.Append(c);
        }

        if (allowLoneSurrogates && IsOdd(2))
            _text.Append(Pick("\\ud800", "\\udc00\\ud800", "\\uD83Dx", "\\uD83D\\uDE00"));
        _text.Append('"');
    }

    private void Mutate(ref byte[] body)
    {
        for (var changes = _random.Next(1, 4); changes > 0 && body.Length > 2; changes--)
        {
            var at = _random.Next(body.Length);
            switch (_random.Next(4))
            {
                case 0: body[at] = (byte)_random.Next(256); break;
                case 1: body[at] ^= (byte)(1 << _random.Next(8)); break;
                case 2: body = [.. body[..at], .. body[(at + 1)..]]; break;
                default: body = body[..at]; break;
            }
        }
    }

    private string Space() => _random.Next(20) == 0 ? Pick(" ", "\n", "\t", "\r\n  ") : "";

    private string Odd(string odd, string ordinary) => IsOdd() ? odd : ordinary;

    private bool IsOdd(int share = 1) => _random.Next(100 * share) < _oddity;

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];
}
