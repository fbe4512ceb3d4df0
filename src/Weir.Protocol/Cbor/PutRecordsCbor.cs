using Weir.Model;
using Weir.Protocol.Records;

namespace Weir.Protocol.Cbor;

/// <summary>The fast path of PutRecords in CBOR: no tree, no typed request, nothing allocated per record.</summary>
public static class PutRecordsCbor
{
    // The body's map, the list of records and the record's map are three levels.
    private const int EntryMemberDepth = CborWireReader.MaxDepth - 3;

    [Flags]
    private enum Seen
    {
        StreamName = 1, StreamArn = 2, Records = 4, DryRun = 8, Data = 16, PartitionKey = 32, HashKey = 64,
    }

    /// <summary>Reads an ordinary, legal PutRecords.</summary>
    /// <param name="body">The body. Only read; everything wanted is copied.</param>
    /// <param name="request">Filled when the method returns true, empty when it returns false.</param>
    /// <returns>False for anything unusual or wrong: the general path then reads it, or explains what is wrong with it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, PutRequest request)
    {
        request.Begin(body.Length);
        var reader = new CborTokenReader(body);
        // No records, too, are for the general path to explain.
        if (TryReadBody(ref reader, request) && reader.AtEnd && request.Count > 0)
            return true;
        request.Reset();
        return false;
    }

    private static bool TryReadBody(ref CborTokenReader reader, PutRequest request)
    {
        if (!reader.TryBegin(CborMajor.Map, out var map))
            return false;
        var budget = PutCbor.UnknownItemBudget;
        Seen seen = default;
        while (reader.MoveNext(ref map))
        {
            if (!TryReadMember(ref reader, request, ref seen, ref budget))
                return false;
        }

        return true;
    }

    private static bool TryReadMember(ref CborTokenReader reader, PutRequest request, ref Seen seen, ref int budget)
    {
        if (!PutCbor.TryReadName(ref reader, request, out var name))
            return false;
        if (name.SequenceEqual("Records"u8))
            return First(ref seen, Seen.Records) && TryReadRecords(ref reader, request, ref budget);
        if (name.SequenceEqual("StreamName"u8))
            return First(ref seen, Seen.StreamName) && PutCbor.TryReadStreamName(ref reader, request);
        if (name.SequenceEqual("StreamARN"u8))
            return First(ref seen, Seen.StreamArn) && PutCbor.TryReadStreamArn(ref reader, request);
        if (name.SequenceEqual("DryRun"u8))
            return First(ref seen, Seen.DryRun) && PutCbor.TryReadDryRun(ref reader, request);
        // Reserved by Kinesis and sent by nobody yet.
        return !name.SequenceEqual("StreamId"u8)
            && PutCbor.TrySkipMember(ref reader, request, name, CborWireReader.MaxDepth - 1, ref budget);
    }

    private static bool TryReadRecords(ref CborTokenReader reader, PutRequest request, ref int budget)
    {
        if (!reader.TryBegin(CborMajor.List, out var list))
            return false;
        while (reader.MoveNext(ref list))
        {
            if (request.Count == KinesisLimits.MaxPutRecordsEntries || !TryReadEntry(ref reader, request, ref budget))
                return false;
        }

        return true;
    }

    private static bool TryReadEntry(ref CborTokenReader reader, PutRequest request, ref int budget)
    {
        if (!reader.TryBegin(CborMajor.Map, out var map))
            return false;
        var entry = new PutEntry { KeyLength = PutEntry.AbsentKey };
        Seen seen = default;
        while (reader.MoveNext(ref map))
        {
            if (!TryReadEntryMember(ref reader, request, ref entry, ref seen, ref budget))
                return false;
        }

        if ((seen & Seen.Data) == 0)
            return false;
        request.Add(entry);
        return true;
    }

    private static bool TryReadEntryMember(
        ref CborTokenReader reader, PutRequest request, ref PutEntry entry, ref Seen seen, ref int budget)
    {
        if (!PutCbor.TryReadName(ref reader, request, out var name))
            return false;
        if (name.SequenceEqual("Data"u8))
            return First(ref seen, Seen.Data) && PutCbor.TryReadData(ref reader, request, ref entry);
        if (name.SequenceEqual("PartitionKey"u8))
            return First(ref seen, Seen.PartitionKey) && PutCbor.TryReadKey(ref reader, request, ref entry);
        if (name.SequenceEqual("ExplicitHashKey"u8))
            return First(ref seen, Seen.HashKey) && PutCbor.TryReadHashKey(ref reader, request, ref entry);
        return PutCbor.TrySkipMember(ref reader, request, name, EntryMemberDepth, ref budget);
    }

    // A member that comes twice is not ordinary: of two, the general path takes the later.
    private static bool First(ref Seen seen, Seen member)
    {
        if ((seen & member) != 0)
            return false;
        seen |= member;
        return true;
    }
}
