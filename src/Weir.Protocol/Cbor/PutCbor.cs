using System.Text.Unicode;
using Weir.Protocol.Records;

namespace Weir.Protocol.Cbor;

/// <summary>What the fast readers of PutRecord and PutRecords share: one method per member.</summary>
/// <remarks>
/// They decline, by returning false, on everything that is not the ordinary form of a legal request, tags and text in place of
/// bytes among it; the general path then finds out what it is. So each method may be stricter than the general path, and never
/// more lenient. The reader stands before the member's value. Strings that come in chunks are put together in the request's
/// free room, which is never shorter than what is left of the body.
/// </remarks>
internal static class PutCbor
{
    /// <summary>Items of unknown members that one body may have before it is no longer ordinary.</summary>
    public const int UnknownItemBudget = 1000;

    /// <summary>Reads a member's name. Lent: valid until the next reading.</summary>
    public static bool TryReadName(ref CborTokenReader reader, PutRequest request, out ReadOnlySpan<byte> name) =>
        reader.TryReadString(CborMajor.Text, request.Free, out name);

    /// <summary>Reads a byte string into the request's buffer.</summary>
    public static bool TryReadData(ref CborTokenReader reader, PutRequest request, ref PutEntry entry) =>
        TryCopyString(ref reader, CborMajor.Bytes, request, out var length) && PutMembers.TryTakeData(request, ref entry, length);

    /// <summary>Reads a partition key of 1 to 256 UTF-16 units; null counts as absent.</summary>
    public static bool TryReadKey(ref CborTokenReader reader, PutRequest request, ref PutEntry entry) =>
        reader.TryReadByte(CborHead.Null)
        || (TryCopyString(ref reader, CborMajor.Text, request, out var length) && PutMembers.TryTakeKey(request, ref entry, length));

    /// <summary>Reads an explicit hash key; null counts as absent.</summary>
    public static bool TryReadHashKey(ref CborTokenReader reader, PutRequest request, ref PutEntry entry) =>
        reader.TryReadByte(CborHead.Null)
        || (reader.TryReadString(CborMajor.Text, request.Free, out var text) && PutMembers.TrySetHashKey(request, ref entry, text));

    /// <summary>Reads the number for ordering; null counts as absent.</summary>
    public static bool TryReadSequenceNumber(ref CborTokenReader reader, PutRequest request) =>
        reader.TryReadByte(CborHead.Null)
        || (reader.TryReadString(CborMajor.Text, request.Free, out var text) && PutMembers.TrySetSequenceNumber(request, text));

    /// <summary>Reads a stream's name; null counts as absent.</summary>
    public static bool TryReadStreamName(ref CborTokenReader reader, PutRequest request) =>
        reader.TryReadByte(CborHead.Null)
        || (reader.TryReadString(CborMajor.Text, request.Free, out var text) && PutMembers.TrySetStreamName(request, text));

    /// <summary>Reads a stream's ARN; null counts as absent.</summary>
    public static bool TryReadStreamArn(ref CborTokenReader reader, PutRequest request) =>
        reader.TryReadByte(CborHead.Null)
        || (reader.TryReadString(CborMajor.Text, request.Free, out var text) && PutMembers.TrySetStreamArn(request, text));

    /// <summary>Reads true or false; null counts as absent. The other spellings are for the general path.</summary>
    public static bool TryReadDryRun(ref CborTokenReader reader, PutRequest request) =>
        (request.DryRun = reader.TryReadByte(CborHead.True)) || reader.TryReadByte(CborHead.False) || reader.TryReadByte(CborHead.Null);

    /// <summary>Steps over the value of an unknown member whose name was read.</summary>
    /// <param name="reader">Stands before the value.</param>
    /// <param name="request">Lends its free room.</param>
    /// <param name="name">The member's name, which only has to be UTF-8: the general path refuses a body with one that is not.</param>
    /// <param name="depth">Levels of nesting that the value may have.</param>
    /// <param name="budget">What is left of <see cref="UnknownItemBudget"/>.</param>
    public static bool TrySkipMember(
        ref CborTokenReader reader, PutRequest request, scoped ReadOnlySpan<byte> name, int depth, ref int budget) =>
        Utf8.IsValid(name) && TrySkip(ref reader, request, depth, ref budget);

    private static bool TrySkip(ref CborTokenReader reader, PutRequest request, int depth, ref int budget)
    {
        if (--budget < 0 || !reader.TryReadHead(out var head))
            return false;
        switch (head.Major)
        {
            case CborMajor.Unsigned or CborMajor.Negative:
                return true;
            case CborMajor.Bytes:
                return head.IsIndefinite ? reader.TryReadChunks(CborMajor.Bytes, request.Free, out _) : reader.TryTake(head, out _);
            case CborMajor.Text:
                return TrySkipText(ref reader, head, request);
            case CborMajor.List:
                return depth > 0 && TrySkipList(ref reader, head, request, depth - 1, ref budget);
            case CborMajor.Map:
                return depth > 0 && TrySkipMap(ref reader, head, request, depth - 1, ref budget);
            default:
                // Tags and floats are rare enough for the general path.
                return head.Major == CborMajor.Simple && head.Info is >= (CborHead.False & 31) and <= (CborHead.Undefined & 31);
        }
    }

    private static bool TrySkipText(ref CborTokenReader reader, CborHead head, PutRequest request)
    {
        if (!head.IsIndefinite)
            return reader.TryTake(head, out var text) && Utf8.IsValid(text);
        return reader.TryReadChunks(CborMajor.Text, request.Free, out var length) && Utf8.IsValid(request.Free[..length]);
    }

    private static bool TrySkipList(ref CborTokenReader reader, CborHead head, PutRequest request, int depth, ref int budget)
    {
        var list = new CborContainer(head);
        while (reader.MoveNext(ref list))
        {
            if (!TrySkip(ref reader, request, depth, ref budget))
                return false;
        }

        return true;
    }

    private static bool TrySkipMap(ref CborTokenReader reader, CborHead head, PutRequest request, int depth, ref int budget)
    {
        var map = new CborContainer(head);
        while (reader.MoveNext(ref map))
        {
            if (!TryReadName(ref reader, request, out var name) || !TrySkipMember(ref reader, request, name, depth, ref budget))
                return false;
        }

        return true;
    }

    // To the start of the free room, where it waits to be taken.
    private static bool TryCopyString(ref CborTokenReader reader, CborMajor kind, PutRequest request, out int length)
    {
        var free = request.Free;
        var found = reader.TryReadString(kind, free, out var value);
        value.CopyTo(free);
        length = value.Length;
        return found;
    }
}
