using System.Buffers.Binary;
using System.Text;

namespace Weir.Protocol.Tests.Cbor;

/// <summary>
/// Makes put bodies in CBOR from a seed: legal ones in every width and length that the format has, and wrong ones. Writes its
/// bytes by itself: a writer that only writes well would never find what a reader must refuse.
/// </summary>
internal sealed class CborBodies(int seed, bool ordinary = false)
{
    private const byte Break = 0xFF;

    private readonly Random _random = new(seed);
    private readonly List<byte> _bytes = [];

    // How often something odd is put in place of the ordinary, in percent.
    private int _oddity;

    /// <summary>A body for PutRecords or PutRecord; odd in about half of the cases.</summary>
    public byte[] Next(bool batch)
    {
        _oddity = ordinary || _random.Next(2) == 0 ? 0 : _random.Next(1, 15);
        _bytes.Clear();
        var members = new List<Action> { () => Member("StreamName", StreamName) };
        if (_random.Next(5) == 0)
            members.Add(() => Member("StreamARN", () => Text("arn:aws:kinesis:us-east-1:000000000000:stream/s")));
        if (_random.Next(5) == 0)
            members.Add(() => Member("DryRun", () => _bytes.Add((byte)_random.Next(0xF4, 0xF7))));
        if (batch)
        {
            members.Add(() => Member("Records", Records));
        }
        else
        {
            members.AddRange(EntryMembers());
            if (_random.Next(3) == 0)
                members.Add(() => Member("SequenceNumberForOrdering", () => Text(Digits(_random.Next(1, IsOdd() ? 131 : 57)))));
        }

        Map(members);
        if (IsOdd())
            _bytes.Add((byte)_random.Next(256));
        var body = _bytes.ToArray();
        if (IsOdd())
            Mutate(ref body);
        return body;
    }

    private void Records()
    {
        var count = _random.Next(100) switch { 0 => 500, 1 when _oddity > 0 => 501, 2 when _oddity > 0 => 0, _ => _random.Next(1, 6) };
        Container(4, count, () =>
        {
            if (IsOdd(3))
                Anything(3);
            else
                Map(EntryMembers());
        });
    }

    private List<Action> EntryMembers()
    {
        var members = new List<Action>();
        if (!IsOdd(5))
            members.Add(() => Member("Data", Data));
        if (!IsOdd(5))
            members.Add(() => Member("PartitionKey", Key));
        if (_random.Next(4) == 0)
            members.Add(() => Member("ExplicitHashKey", () => Text(Digits(_random.Next(1, IsOdd() ? 41 : 40)))));
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
        var next = 0;
        Container(5, shuffled.Length, () => shuffled[next++]());
    }

    private void Member(string name, Action value)
    {
        if (IsOdd(5))
            Anything(1);
        else
            Text(name);
        if (IsOdd(3))
            Anything(2);
        else if (IsOdd(5))
            Tagged(value);
        else
            value();
    }

    private void Tagged(Action value)
    {
        Head(6, (ulong)_random.Next(4));
        value();
    }

    private void Data()
    {
        var bytes = new byte[_random.Next(20) == 0 ? _random.Next(70_000) : _random.Next(40)];
        _random.NextBytes(bytes);
        if (IsOdd(2))
            Text(Convert.ToBase64String(bytes)); // As JSON has it: legal, not ordinary.
        else
            String(2, bytes);
    }

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
            key.Append(Pick("a", "Z", "7", "-", "\u00E4", "\u20AC", key.Length + 2 <= length ? "\uD83D\uDE00" : "b"));
        if (IsOdd(3))
            String(3, [.. Encoding.UTF8.GetBytes(key.ToString()), 0xED, 0xA0, 0x80]); // A lone surrogate, which is no UTF-8.
        else
            Text(key.ToString());
    }

    private void StreamName() =>
        Text(Pick("s", "stream-1", "A_b.c-9", IsOdd() ? "" : "s", IsOdd() ? "no/slash" : "s", IsOdd() ? new string('n', 129) : "s"));

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
        switch (_random.Next(depth > 0 ? 8 : 5))
        {
            case 0: _bytes.Add((byte)_random.Next(0xF4, 0xF8)); break;
            case 1: Head(_random.Next(2), (ulong)_random.NextInt64(long.MinValue, long.MaxValue)); break;
            case 2: Head(_random.Next(2), (ulong)_random.Next(300)); break;
            case 3: Text(Pick("", "AAAA", "yes", "\u00E4\uD83D\uDE00")); break;
            case 4: String(2, new byte[_random.Next(30)]); break;
            case 5: Container(4, _random.Next(3), () => Anything(depth - 1)); break;
            case 6: Container(5, _random.Next(3), () => Member(Pick("a", "b"), () => Anything(depth - 1))); break;
            default:
                if (_oddity > 0)
                    Rare(depth);
                else
                    Text("x");
                break;
        }
    }

    // Floats, tags and simple values: legal or not, never ordinary.
    private void Rare(int depth)
    {
        switch (_random.Next(4))
        {
            case 0: Tagged(() => Anything(depth - 1)); break;
            case 1:
                _bytes.Add(0xFB);
                Wide(BitConverter.DoubleToUInt64Bits(_random.Next(3) == 0 ? double.NaN : _random.NextDouble() * 1e12), 8);
                break;
            case 2: _bytes.AddRange([0xF9, (byte)_random.Next(256), (byte)_random.Next(256)]); break;
            default: _bytes.Add((byte)_random.Next(0xE0, 0xFF)); break;
        }
    }

    private void Container(int major, int count, Action item)
    {
        var indefinite = _random.Next(3) == 0;
        if (indefinite)
            _bytes.Add((byte)((major << 5) | 31));
        else
            Head(major, (ulong)(IsOdd(5) ? _random.Next(10) : count));
        for (var i = 0; i < count; i++)
            item();
        if (indefinite && !IsOdd(5))
            _bytes.Add(Break);
    }

    private void Text(string value) => String(3, Encoding.UTF8.GetBytes(value));

    private void String(int major, byte[] value)
    {
        if (_random.Next(6) != 0)
        {
            Head(major, (ulong)value.Length);
            _bytes.AddRange(value);
            return;
        }

        // In chunks, some of them empty, some ending inside a character.
        _bytes.Add((byte)((major << 5) | 31));
        for (var at = 0; at < value.Length || _random.Next(3) == 0;)
        {
            var chunk = _random.Next(0, Math.Min(value.Length - at, 50) + 1);
            Head(IsOdd(5) ? 5 - major : major, (ulong)chunk);
            _bytes.AddRange(value.AsSpan(at, chunk));
            at += chunk;
        }

        _bytes.Add(Break);
    }

    // In the shortest form or a wider one.
    private void Head(int major, ulong argument)
    {
        var width = argument switch { < 24 => 0, <= byte.MaxValue => 1, <= ushort.MaxValue => 2, <= uint.MaxValue => 4, _ => 8 };
        if (_random.Next(6) == 0)
            width = Math.Max(width, new[] { 1, 2, 4, 8 }[_random.Next(4)]);
        _bytes.Add((byte)((major << 5) | (width switch { 0 => (int)argument, 1 => 24, 2 => 25, 4 => 26, _ => 27 })));
        Wide(argument, width);
    }

    private void Wide(ulong value, int width)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        _bytes.AddRange(bytes[(8 - width)..]);
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

    private bool IsOdd(int share = 1) => _random.Next(100 * share) < _oddity;

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];
}
