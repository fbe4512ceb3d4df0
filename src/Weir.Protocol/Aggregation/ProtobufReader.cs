namespace Weir.Protocol.Aggregation;

/// <summary>Reads a protobuf message field by field. A method that returns false has met bytes that are no message: reading ends there.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    // The library that consumers use refuses groups that are nested deeper.
    private const int MaxDepth = 100;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _position;

    /// <summary>Whether the message has been read to its end.</summary>
    public readonly bool AtEnd => _position == _message.Length;

    /// <summary>Reads what comes next: the number of the field and how it is written.</summary>
    public bool TryReadTag(out int field, out ProtobufWireType type)
    {
        var valid = TryReadVarint(out var tag) && tag is > 7 and <= uint.MaxValue;
        field = (int)(tag >> 3);
        type = (ProtobufWireType)(tag & 7);
        return valid;
    }

    /// <summary>Reads a number of up to 64 bits.</summary>
    public bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70 && _position < _message.Length; shift += 7)
        {
            var next = _message[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }

        return false;
    }

    /// <summary>Reads text, bytes or a message inside this one.</summary>
    /// <param name="range">Where it lies in the message.</param>
    public bool TryReadBytes(out Range range)
    {
        range = default;
        if (!TryReadVarint(out var length) || length > (ulong)(_message.Length - _position))
            return false;
        range = _position..(_position + (int)length);
        _position += (int)length;
        return true;
    }

    /// <summary>Passes over a field of any number.</summary>
    public bool TrySkip(int field, ProtobufWireType type) => TrySkip(field, type, depth: 0);

    private bool TrySkip(int field, ProtobufWireType type, int depth) => type switch
    {
        ProtobufWireType.Varint => TryReadVarint(out _),
        ProtobufWireType.Fixed64 => TryMove(8),
        ProtobufWireType.Bytes => TryReadBytes(out _),
        ProtobufWireType.BeginGroup => depth < MaxDepth && TrySkipGroup(field, depth),
        ProtobufWireType.Fixed32 => TryMove(4),
        _ => false,
    };

    private bool TrySkipGroup(int field, int depth)
    {
        while (TryReadTag(out var inner, out var type))
        {
            if (type == ProtobufWireType.EndGroup)
                return inner == field;
            if (!TrySkip(inner, type, depth + 1))
                return false;
        }

        return false;
    }

    private bool TryMove(int bytes)
    {
        if (_message.Length - _position < bytes)
            return false;
        _position += bytes;
        return true;
    }
}

/// <summary>How a field is written.</summary>
internal enum ProtobufWireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    BeginGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}
