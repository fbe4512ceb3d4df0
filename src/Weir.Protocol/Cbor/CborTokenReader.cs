using System.Buffers.Binary;

namespace Weir.Protocol.Cbor;

/// <summary>Where a list or map that is being read stands. Made by <see cref="CborTokenReader"/>.</summary>
internal struct CborContainer(CborHead head)
{
    public readonly bool IsIndefinite = head.IsIndefinite;

    // As the sender claims: nothing is ever made room for because of it.
    public ulong Remaining = head.Argument;
}

/// <summary>Steps through the heads and strings of CBOR. Checks everything it reads, allocates nothing, never throws.</summary>
/// <remarks>
/// Ours rather than System.Formats.Cbor (ADR 11): bodies are spans, records are read without an allocation, and clients need no
/// part of ASP.NET. After a method has returned false the reader is of no more use.
/// </remarks>
internal ref struct CborTokenReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether a client reads: see <see cref="CborWireReader.TryReadAnswer"/>.</summary>
    public bool IsAnswer { get; init; }

    /// <summary>Whether everything has been read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Reads the head of the next item. False at the end and for a head that RFC 8949 does not know.</summary>
    public bool TryReadHead(out CborHead head)
    {
        head = default;
        if (_rest.IsEmpty)
            return false;
        var first = _rest[0];
        var (major, info) = ((CborMajor)(first >> 5), (byte)(first & 31));
        var width = info switch { 24 => 1, 25 => 2, 26 => 4, 27 => 8, _ => 0 };
        if (_rest.Length <= width)
            return false;
        var following = _rest.Slice(1, width);
        ulong argument = width switch
        {
            1 => following[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(following),
            4 => BinaryPrimitives.ReadUInt32BigEndian(following),
            8 => BinaryPrimitives.ReadUInt64BigEndian(following),
            _ => info,
        };
        _rest = _rest[(1 + width)..];
        head = new CborHead(major, info, argument);
        return info switch
        {
            < 28 => true,
            CborHead.Indefinite => major is not (CborMajor.Unsigned or CborMajor.Negative or CborMajor.Tag),
            _ => false,
        };
    }

    /// <summary>Steps over one byte if it is the next.</summary>
    public bool TryReadByte(byte expected)
    {
        if (_rest.IsEmpty || _rest[0] != expected)
            return false;
        _rest = _rest[1..];
        return true;
    }

    /// <summary>Begins a list or map if one is next.</summary>
    public bool TryBegin(CborMajor kind, out CborContainer container)
    {
        var found = TryReadHead(out var head) && head.Major == kind;
        container = new CborContainer(head);
        return found;
    }

    /// <summary>Whether the container holds one more. At the end of the bytes it does; reading that one then fails.</summary>
    public bool MoveNext(ref CborContainer container)
    {
        if (container.IsIndefinite)
            return !TryReadByte(CborHead.Break);
        if (container.Remaining == 0)
            return false;
        container.Remaining--;
        return true;
    }

    /// <summary>Reads a byte string or text if one is next.</summary>
    /// <param name="kind">Which of the two.</param>
    /// <param name="scratch">Receives one that comes in chunks; at least as long as what is left of the bytes.</param>
    /// <param name="value">The string; of a text not yet known to be UTF-8. Lies in the body, or at the start of the scratch.</param>
    public bool TryReadString(CborMajor kind, Span<byte> scratch, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryReadHead(out var head) || head.Major != kind)
            return false;
        if (!head.IsIndefinite)
            return TryTake(head, out value);
        if (!TryReadChunks(kind, scratch, out var length))
            return false;
        value = scratch[..length];
        return true;
    }

    /// <summary>Takes the content of a string of definite length whose head was read.</summary>
    public bool TryTake(CborHead head, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (head.Argument > (ulong)_rest.Length)
            return false;
        value = _rest[..(int)head.Argument];
        _rest = _rest[(int)head.Argument..];
        return true;
    }

    /// <summary>Puts the chunks of a string of indefinite length, whose head was read, together.</summary>
    /// <param name="kind">What the chunks must be: a chunk has a definite length and its string's kind.</param>
    /// <param name="destination">At least as long as what is left of the bytes.</param>
    /// <param name="length">Bytes written.</param>
    public bool TryReadChunks(CborMajor kind, Span<byte> destination, out int length)
    {
        length = 0;
        while (!TryReadByte(CborHead.Break))
        {
            if (!TryReadHead(out var head) || head.Major != kind || head.IsIndefinite || !TryTake(head, out var chunk))
                return false;
            chunk.CopyTo(destination[length..]);
            length += chunk.Length;
        }

        return true;
    }

    /// <summary>How many bytes <see cref="TryReadChunks"/> would write. Reads nothing.</summary>
    public readonly bool TryMeasureChunks(CborMajor kind, out int length)
    {
        var ahead = this;
        length = 0;
        while (!ahead.TryReadByte(CborHead.Break))
        {
            if (!ahead.TryReadHead(out var head) || head.Major != kind || head.IsIndefinite || !ahead.TryTake(head, out var chunk))
                return false;
            length += chunk.Length;
        }

        return true;
    }
}
