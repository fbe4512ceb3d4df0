using System.Text.Json;
using Weir.Model;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Json;

/// <summary>The fast path of PutRecords in JSON: no tree, no typed request, nothing allocated per record.</summary>
public static class PutRecordsJson
{
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
        try
        {
            if (TryReadBody(body, request))
                return true;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Malformed JSON, or a lone surrogate in an escape: the general path decides which.
        }

        request.Reset();
        return false;
    }

    private static bool TryReadBody(ReadOnlySpan<byte> body, PutRequest request)
    {
        var reader = new Utf8JsonReader(body, JsonWireReader.Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        var budget = PutJson.UnknownTokenBudget;
        Seen seen = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryReadMember(ref reader, request, ref seen, ref budget))
                return false;
        }

        // Reading past the end is what finds bytes behind the document. No records, too, are for the general path to explain.
        return !reader.Read() && request.Count > 0;
    }

    private static bool TryReadMember(ref Utf8JsonReader reader, PutRequest request, ref Seen seen, ref int budget)
    {
        if (reader.ValueTextEquals("Records"u8))
            return First(ref seen, Seen.Records) && reader.Read() && TryReadRecords(ref reader, request, ref budget);
        if (reader.ValueTextEquals("StreamName"u8))
            return First(ref seen, Seen.StreamName) && reader.Read() && PutJson.TryReadStreamName(ref reader, request);
        if (reader.ValueTextEquals("StreamARN"u8))
            return First(ref seen, Seen.StreamArn) && reader.Read() && PutJson.TryReadStreamArn(ref reader, request);
        if (reader.ValueTextEquals("DryRun"u8))
            return First(ref seen, Seen.DryRun) && reader.Read() && PutJson.TryReadDryRun(ref reader, request);
        // Reserved by Kinesis and sent by nobody yet.
        return !reader.ValueTextEquals("StreamId"u8) && PutJson.TrySkipMember(ref reader, ref budget);
    }

    private static bool TryReadRecords(ref Utf8JsonReader reader, PutRequest request, ref int budget)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (request.Count == KinesisLimits.MaxPutRecordsEntries || !TryReadEntry(ref reader, request, ref budget))
                return false;
        }

        return reader.TokenType == JsonTokenType.EndArray;
    }

    private static bool TryReadEntry(ref Utf8JsonReader reader, PutRequest request, ref int budget)
    {
        var entry = new PutEntry { KeyLength = PutEntry.AbsentKey };
        Seen seen = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
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
        ref Utf8JsonReader reader, PutRequest request, ref PutEntry entry, ref Seen seen, ref int budget)
    {
        if (reader.ValueTextEquals("Data"u8))
            return First(ref seen, Seen.Data) && reader.Read() && PutJson.TryReadData(ref reader, request, ref entry);
        if (reader.ValueTextEquals("PartitionKey"u8))
            return First(ref seen, Seen.PartitionKey) && reader.Read() && PutJson.TryReadKey(ref reader, request, ref entry);
        if (reader.ValueTextEquals("ExplicitHashKey"u8))
            return First(ref seen, Seen.HashKey) && reader.Read() && PutJson.TryReadHashKey(ref reader, request, ref entry);
        return PutJson.TrySkipMember(ref reader, ref budget);
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
