using System.Buffers.Binary;
using System.Text;

namespace Weir.Protocol.EventStream;

/// <summary>The headers of a message that are texts, in their order. Headers of other types are read over: no message of ours has any.</summary>
/// <remarks>Immutable. Each is a name behind its length (1 byte), a type (1 byte) and a value; spec section 8.2.</remarks>
public sealed class EventStreamHeaders
{
    /// <summary>Whether the message is an event, an exception or an error.</summary>
    public const string MessageType = ":message-type";

    /// <summary>Which event it is.</summary>
    public const string EventType = ":event-type";

    /// <summary>Which exception of the service model it is.</summary>
    public const string ExceptionType = ":exception-type";

    /// <summary>How the payload is encoded.</summary>
    public const string ContentType = ":content-type";

    /// <summary>What an error outside of the model is called.</summary>
    public const string ErrorCode = ":error-code";

    /// <summary>What an error outside of the model says.</summary>
    public const string ErrorMessage = ":error-message";

    private const byte TextType = 7;
    private const int MaxNameBytes = byte.MaxValue;
    private const int MaxTextBytes = ushort.MaxValue;

    private readonly (string Name, string Value)[] _headers;

    /// <summary>Makes headers.</summary>
    /// <param name="headers">Names of 1 to 255 bytes in ASCII, values of at most 65,535 bytes in UTF-8.</param>
    public EventStreamHeaders(params (string Name, string Value)[] headers) => _headers = headers;

    /// <summary>The headers in their order.</summary>
    public IReadOnlyList<(string Name, string Value)> All => _headers;

    /// <summary>The value of the first header with this name, or null.</summary>
    public string? this[string name] => _headers.FirstOrDefault(header => header.Name == name).Value;

    /// <summary>The headers' bytes.</summary>
    public byte[] Encode()
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        foreach (var (name, value) in _headers)
        {
            var (nameBytes, valueBytes) = (Encoding.ASCII.GetBytes(name), Encoding.UTF8.GetBytes(value));
            ArgumentOutOfRangeException.ThrowIfZero(nameBytes.Length, nameof(name));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(nameBytes.Length, MaxNameBytes, nameof(name));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(valueBytes.Length, MaxTextBytes, nameof(value));
            bytes.WriteByte((byte)nameBytes.Length);
            bytes.Write(nameBytes);
            bytes.WriteByte(TextType);
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)valueBytes.Length);
            bytes.Write(length);
            bytes.Write(valueBytes);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads headers.</summary>
    /// <returns>Null when the bytes are none.</returns>
    internal static EventStreamHeaders? TryRead(ReadOnlySpan<byte> bytes)
    {
        var headers = new List<(string, string)>();
        while (!bytes.IsEmpty)
        {
            var nameBytes = bytes[0];
            if (nameBytes == 0 || bytes.Length < nameBytes + 2)
                return null;
            var name = bytes.Slice(1, nameBytes);
            var type = bytes[nameBytes + 1];
            bytes = bytes[(nameBytes + 2)..];
            if (ValueBytes(type, bytes) is not { } value || bytes.Length < value.Start + value.Length)
                return null;
            if (type == TextType)
                headers.Add((Encoding.ASCII.GetString(name), Encoding.UTF8.GetString(bytes.Slice(value.Start, value.Length))));
            bytes = bytes[(value.Start + value.Length)..];
        }

        return new EventStreamHeaders([.. headers]);
    }

    // Where a value of the type lies in the bytes behind the type, which may be too few for it; null for what is no type.
    private static (int Start, int Length)? ValueBytes(byte type, ReadOnlySpan<byte> rest) => type switch
    {
        0 or 1 => (0, 0),
        2 => (0, 1),
        3 => (0, 2),
        4 => (0, 4),
        5 or 8 => (0, 8),
        9 => (0, 16),
        6 or TextType => rest.Length < sizeof(ushort) ? null : (sizeof(ushort), BinaryPrimitives.ReadUInt16BigEndian(rest)),
        _ => null,
    };
}
