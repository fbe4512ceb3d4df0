using System.Buffers;
using Weir.Model;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Cbor;

/// <summary>The fast path of PutRecord in CBOR: no tree, no typed request, nothing allocated but the stream's name.</summary>
public static class PutRecordCbor
{
    // The longest answer: 56 digits, shard id, EncryptionType and the names.
    private const int MaxResponseBytes = 160;

    [Flags]
    private enum Seen
    {
        StreamName = 1, StreamArn = 2, DryRun = 4, SequenceNumber = 8, Data = 16, PartitionKey = 32, HashKey = 64,
    }

    /// <summary>Reads an ordinary, legal PutRecord.</summary>
    /// <param name="body">The body. Only read; everything wanted is copied.</param>
    /// <param name="request">Filled when the method returns true, empty when it returns false.</param>
    /// <returns>False for anything unusual or wrong: the general path then reads it, or explains what is wrong with it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, PutRequest request)
    {
        request.Begin(body.Length);
        var reader = new CborTokenReader(body);
        if (TryReadBody(ref reader, request) && reader.AtEnd)
            return true;
        request.Reset();
        return false;
    }

    /// <summary>Writes the answer of a success.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="number">The record's sequence number.</param>
    /// <param name="shard">The shard that took it.</param>
    /// <param name="encrypted">
    /// Whether the stream stores records encrypted; otherwise no encryption is named (spec section 5.3).
    /// </param>
    public static void Write(IBufferWriter<byte> output, in SequenceNumber number, ShardId shard, bool encrypted = false)
    {
        var span = output.GetSpan(MaxResponseBytes);
        var rest = span.PutByte(CborHead.BeginMap).PutText("ShardId"u8).PutText(shard).PutText("SequenceNumber"u8).PutText(number);
        if (encrypted)
            rest = rest.PutText("EncryptionType"u8).PutText("KMS"u8);
        rest = rest.PutByte(CborHead.Break);
        output.Advance(span.Length - rest.Length);
    }

    private static bool TryReadBody(ref CborTokenReader reader, PutRequest request)
    {
        if (!reader.TryBegin(CborMajor.Map, out var map))
            return false;
        var entry = new PutEntry { KeyLength = PutEntry.AbsentKey };
        var budget = PutCbor.UnknownItemBudget;
        Seen seen = default;
        while (reader.MoveNext(ref map))
        {
            if (!TryReadMember(ref reader, request, ref entry, ref seen, ref budget))
                return false;
        }

        if ((seen & Seen.Data) == 0)
            return false;
        request.Add(entry);
        return true;
    }

    private static bool TryReadMember(
        ref CborTokenReader reader, PutRequest request, ref PutEntry entry, ref Seen seen, ref int budget)
    {
        if (!PutCbor.TryReadName(ref reader, request, out var name))
            return false;
        if (name.SequenceEqual("Data"u8))
            return First(ref seen, Seen.Data) && PutCbor.TryReadData(ref reader, request, ref entry);
        if (name.SequenceEqual("PartitionKey"u8))
            return First(ref seen, Seen.PartitionKey) && PutCbor.TryReadKey(ref reader, request, ref entry);
        if (name.SequenceEqual("StreamName"u8))
            return First(ref seen, Seen.StreamName) && PutCbor.TryReadStreamName(ref reader, request);
        if (name.SequenceEqual("StreamARN"u8))
            return First(ref seen, Seen.StreamArn) && PutCbor.TryReadStreamArn(ref reader, request);
        if (name.SequenceEqual("ExplicitHashKey"u8))
            return First(ref seen, Seen.HashKey) && PutCbor.TryReadHashKey(ref reader, request, ref entry);
        if (name.SequenceEqual("SequenceNumberForOrdering"u8))
            return First(ref seen, Seen.SequenceNumber) && PutCbor.TryReadSequenceNumber(ref reader, request);
        if (name.SequenceEqual("DryRun"u8))
            return First(ref seen, Seen.DryRun) && PutCbor.TryReadDryRun(ref reader, request);
        // Reserved by Kinesis and sent by nobody yet.
        return !name.SequenceEqual("StreamId"u8)
            && PutCbor.TrySkipMember(ref reader, request, name, CborWireReader.MaxDepth - 1, ref budget);
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
