using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Weir.Model;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Cbor;

/// <summary>CBOR data items, written piece by piece: no call asks its output for more than 16 KiB at once.</summary>
internal static class CborOutput
{
    // A character takes at most three bytes of UTF-8.
    private const int TextPieceCharacters = 4 * 1024;

    /// <summary>Writes text whose length is not yet known in UTF-8. A lone surrogate becomes U+FFFD.</summary>
    public static void WriteCborText(this IBufferWriter<byte> output, ReadOnlySpan<char> value)
    {
        output.WriteHead(CborMajor.Text, (ulong)Encoding.UTF8.GetByteCount(value));
        while (!value.IsEmpty)
        {
            var piece = value[..Math.Min(value.Length, TextPieceCharacters)];
            if (piece.Length < value.Length && char.IsHighSurrogate(piece[^1]))
                piece = piece[..^1]; // Do not part a pair.
            output.Advance(Encoding.UTF8.GetBytes(piece, output.GetSpan(Encoding.UTF8.GetMaxByteCount(piece.Length))));
            value = value[piece.Length..];
        }
    }

    /// <summary>Writes well-formed UTF-8 as text.</summary>
    public static void WriteCborText(this IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        output.WriteHead(CborMajor.Text, (ulong)utf8.Length);
        output.Write(utf8);
    }

    /// <summary>Writes a byte string.</summary>
    public static void WriteCborBytes(this IBufferWriter<byte> output, ReadOnlySpan<byte> value)
    {
        output.WriteHead(CborMajor.Bytes, (ulong)value.Length);
        output.Write(value);
    }

    /// <summary>Writes a head in its shortest form.</summary>
    public static void WriteHead(this IBufferWriter<byte> output, CborMajor major, ulong argument)
    {
        var span = output.GetSpan(CborHead.MaxBytes);
        output.Advance(span.Length - span.PutHead(major, argument).Length);
    }

    /// <summary>Writes one byte.</summary>
    public static void WriteByte(this IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    /// <summary>Puts a head in its shortest form at the start of the destination and returns what is left of it.</summary>
    /// <remarks>Inlined, since its argument is mostly a name's length: the compiler then knows which form it is.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> PutHead(this Span<byte> destination, CborMajor major, ulong argument)
    {
        var first = (byte)((int)major << 5);
        switch (argument)
        {
            case < 24:
                destination[0] = (byte)(first | (byte)argument);
                return destination[1..];
            case <= byte.MaxValue:
                destination[0] = (byte)(first | 24);
                destination[1] = (byte)argument;
                return destination[2..];
            case <= ushort.MaxValue:
                destination[0] = (byte)(first | 25);
                BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)argument);
                return destination[3..];
            case <= uint.MaxValue:
                destination[0] = (byte)(first | 26);
                BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)argument);
                return destination[5..];
            default:
                destination[0] = (byte)(first | 27);
                BinaryPrimitives.WriteUInt64BigEndian(destination[1..], argument);
                return destination[9..];
        }
    }

    /// <summary>Puts one byte.</summary>
    public static Span<byte> PutByte(this Span<byte> destination, byte value)
    {
        destination[0] = value;
        return destination[1..];
    }

    /// <summary>Puts an integer in its shortest form.</summary>
    public static Span<byte> PutInteger(this Span<byte> destination, long value) =>
        value >= 0 ? destination.PutHead(CborMajor.Unsigned, (ulong)value) : destination.PutHead(CborMajor.Negative, (ulong)~value);

    /// <summary>Puts a time: tag 1 over whole milliseconds. Never a float, which Java clients read as a day in 1970.</summary>
    public static Span<byte> PutTime(this Span<byte> destination, DateTimeOffset value) =>
        destination.PutByte(CborHead.TimeTag).PutInteger(value.ToUnixTimeMilliseconds());

    /// <summary>Puts well-formed UTF-8 as text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> PutText(this Span<byte> destination, scoped ReadOnlySpan<byte> utf8) =>
        destination.PutHead(CborMajor.Text, (ulong)utf8.Length).Put(utf8);

    /// <summary>Puts a sequence number's digits as text.</summary>
    public static Span<byte> PutText(this Span<byte> destination, in SequenceNumber number)
    {
        Span<byte> digits = stackalloc byte[SequenceNumber.Digits + 1];
        return destination.PutText(digits[..number.Format(digits)]);
    }

    /// <summary>Puts a shard id as text.</summary>
    public static Span<byte> PutText(this Span<byte> destination, ShardId shard)
    {
        Span<byte> text = stackalloc byte[MaxShardIdBytes];
        return destination.PutText(text[..(MaxShardIdBytes - text.Put(shard).Length)]);
    }

    // "shardId-" and twelve digits.
    private const int MaxShardIdBytes = 20;
}
