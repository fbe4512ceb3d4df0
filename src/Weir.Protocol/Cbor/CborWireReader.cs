using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Cbor;

/// <summary>Reads a CBOR document into a <see cref="WireValue"/>.</summary>
/// <remarks>Thread-safe: it has no state. Never throws, whatever the bytes.</remarks>
public static class CborWireReader
{
    /// <summary>Levels of nesting that a document may have, as in JSON. Tags are no level.</summary>
    public const int MaxDepth = JsonWireReader.MaxDepth;

    /// <summary>Values that a document may hold, as in JSON.</summary>
    public const int MaxValues = JsonWireReader.MaxValues;

    // As milliseconds the year 1973, before there was the service; as seconds the year 5138.
    private const long LeastMilliseconds = 100_000_000_000;

    /// <summary>Reads a document.</summary>
    /// <param name="cbor">The document. Only read; nothing of it is kept.</param>
    /// <param name="value">A map, when the method returns true.</param>
    /// <returns>
    /// False when the bytes are not one well-formed map, or pass a bound, or hold what no message can: a name that is no text, text
    /// that is not UTF-8, a NaN, a simple value without a meaning. A name that occurs twice keeps the later value.
    /// </returns>
    /// <remarks>
    /// Lengths may be definite or not, numbers as wide as the sender likes. Tag 1 makes an integer a time in milliseconds and a
    /// float one in seconds (spec section 2.4); every other tag is passed over, and undefined is null.
    /// </remarks>
    public static bool TryRead(ReadOnlySpan<byte> cbor, out WireValue value) => TryRead(new CborTokenReader(cbor), out value);

    /// <summary>
    /// As <see cref="TryRead(ReadOnlySpan{byte}, out WireValue)"/>, but a time without a tag may be in milliseconds: kinesis-mock writes none, and the
    /// Java SDK does not ask for one. A number that makes no sense as seconds is taken for that.
    /// </summary>
    internal static bool TryReadAnswer(ReadOnlySpan<byte> cbor, out WireValue value) => TryRead(new CborTokenReader(cbor) { IsAnswer = true }, out value);

    private static bool TryRead(CborTokenReader reader, out WireValue value)
    {
        var budget = MaxValues + 1; // The outermost map does not count.
        if (TryReadValue(ref reader, MaxDepth, ref budget, out value) && value.Kind == WireKind.Map && reader.AtEnd)
            return true;
        value = WireValue.Null;
        return false;
    }

    private static bool TryReadValue(ref CborTokenReader reader, int depth, ref int budget, out WireValue value)
    {
        value = WireValue.Null;
        if (--budget < 0 || !TryReadTags(ref reader, out var isTime, out var head))
            return false;
        switch (head.Major)
        {
            case CborMajor.Unsigned or CborMajor.Negative:
                value = Integer(head, isTime, reader.IsAnswer);
                return true;
            case CborMajor.Bytes:
                return TryReadBlob(ref reader, head, out value);
            case CborMajor.Text:
                if (!TryReadText(ref reader, head, out var text))
                    return false;
                value = WireValue.String(text);
                return true;
            case CborMajor.List:
                return depth > 0 && TryReadList(ref reader, head, depth - 1, ref budget, out value);
            case CborMajor.Map:
                return depth > 0 && TryReadMap(ref reader, head, depth - 1, ref budget, out value);
            default:
                return TryReadSimple(head, isTime, out value);
        }
    }

    // The innermost tag is the one that counts.
    private static bool TryReadTags(ref CborTokenReader reader, out bool isTime, out CborHead head)
    {
        isTime = false;
        while (reader.TryReadHead(out head))
        {
            if (head.Major != CborMajor.Tag)
                return true;
            isTime = head.Argument == CborHead.TimeTagNumber;
        }

        return false;
    }

    // Beyond 64 bits a number goes through double, which clamps later; a time is clamped at once.
    private static WireValue Integer(CborHead head, bool isTime, bool isAnswer)
    {
        var fits = head.Argument <= long.MaxValue;
        var clamped = fits ? (long)head.Argument : long.MaxValue;
        if (head.Major == CborMajor.Negative)
            clamped = -1 - clamped;
        if (isTime)
            return WireValue.Timestamp(clamped);
        if (isAnswer && fits && clamped >= LeastMilliseconds)
            return WireValue.NumberOrMilliseconds(clamped);
        return fits ? WireValue.Number(clamped) : WireValue.Number(head.Major == CborMajor.Negative ? -1.0 - head.Argument : head.Argument);
    }

    private static bool TryReadSimple(CborHead head, bool isTime, out WireValue value)
    {
        value = WireValue.Null;
        switch (head.Info)
        {
            case CborHead.Half:
                return TryReadFloat((double)BitConverter.UInt16BitsToHalf((ushort)head.Argument), isTime, out value);
            case CborHead.Single:
                return TryReadFloat(BitConverter.UInt32BitsToSingle((uint)head.Argument), isTime, out value);
            case CborHead.Double:
                return TryReadFloat(BitConverter.UInt64BitsToDouble(head.Argument), isTime, out value);
            case CborHead.False & 31:
                value = WireValue.False;
                return true;
            case CborHead.True & 31:
                value = WireValue.True;
                return true;
            default:
                return head.Info is (CborHead.Null & 31) or (CborHead.Undefined & 31);
        }
    }

    // A sender that follows RFC 8949 puts seconds under tag 1, and only a fraction can tell it from one that follows the service.
    private static bool TryReadFloat(double number, bool isTime, out WireValue value)
    {
        // The conversion to long saturates.
        value = isTime ? WireValue.Timestamp((long)Math.Round(number * 1000)) : WireValue.Number(number);
        return !double.IsNaN(number);
    }

    private static bool TryReadBlob(ref CborTokenReader reader, CborHead head, out WireValue value)
    {
        value = WireValue.Null;
        if (!head.IsIndefinite)
        {
            if (!reader.TryTake(head, out var content))
                return false;
            value = WireValue.Blob(content.ToArray());
            return true;
        }

        if (!reader.TryMeasureChunks(CborMajor.Bytes, out var length))
            return false;
        var bytes = new byte[length];
        value = WireValue.Blob(bytes);
        return reader.TryReadChunks(CborMajor.Bytes, bytes, out _);
    }

    private static bool TryReadText(ref CborTokenReader reader, CborHead head, out string text)
    {
        text = "";
        if (!head.IsIndefinite)
            return reader.TryTake(head, out var utf8) && TryDecode(utf8, out text);
        if (!reader.TryMeasureChunks(CborMajor.Text, out var length))
            return false;
        // A chunk may end inside a character: only the whole is looked at.
        var rented = ArrayPool<byte>.Shared.Rent(length);
        var decoded = reader.TryReadChunks(CborMajor.Text, rented, out _) && TryDecode(rented.AsSpan(0, length), out text);
        ArrayPool<byte>.Shared.Return(rented);
        return decoded;
    }

    private static bool TryDecode(ReadOnlySpan<byte> utf8, out string text)
    {
        var valid = Utf8.IsValid(utf8);
        text = valid ? Encoding.UTF8.GetString(utf8) : "";
        return valid;
    }

    private static bool TryReadMap(ref CborTokenReader reader, CborHead head, int depth, ref int budget, out WireValue value)
    {
        var entries = new OrderedDictionary<string, WireValue>(StringComparer.Ordinal);
        value = WireValue.Null;
        var map = new CborContainer(head);
        while (reader.MoveNext(ref map))
        {
            if (!reader.TryReadHead(out var name)
                || name.Major != CborMajor.Text
                || !TryReadText(ref reader, name, out var text)
                || !TryReadValue(ref reader, depth, ref budget, out var member))
            {
                return false;
            }

            entries[text] = member;
        }

        value = WireValue.Map(entries);
        return true;
    }

    private static bool TryReadList(ref CborTokenReader reader, CborHead head, int depth, ref int budget, out WireValue value)
    {
        var items = new List<WireValue>();
        value = WireValue.Null;
        var list = new CborContainer(head);
        while (reader.MoveNext(ref list))
        {
            if (!TryReadValue(ref reader, depth, ref budget, out var item))
                return false;
            items.Add(item);
        }

        value = WireValue.List(items);
        return true;
    }
}
