using System.Buffers;
using System.Text;
using System.Text.Json;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Json;

/// <summary>The client's fast path for the answer of a PutRecords in JSON: no tree, and the names of shards, which come again and again, once.</summary>
internal static class PutRecordsAnswerJson
{
    private const int MaxSharedBytes = 128;

    /// <summary>Reads an ordinary answer.</summary>
    /// <param name="body">The body. Only read.</param>
    /// <returns>Null for anything unusual or wrong: the general path then reads it, or finds out that it is no answer.</returns>
    public static PutRecordsResponse? TryRead(ReadOnlySpan<byte> body)
    {
        try
        {
            return TryReadBody(body);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Malformed JSON, or a lone surrogate in an escape: the general path decides which.
            return null;
        }
    }

    private static PutRecordsResponse? TryReadBody(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, JsonWireReader.Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        int? failed = null;
        string? encryption = null;
        List<PutRecordsResultEntry>? records = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (records is null && reader.ValueTextEquals("Records"u8))
            {
                records = TryReadRecords(ref reader);
                if (records is null)
                    return null;
            }
            else if (failed is null && reader.ValueTextEquals("FailedRecordCount"u8))
            {
                if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var count))
                    return null;
                failed = count;
            }
            else if (encryption is null && reader.ValueTextEquals("EncryptionType"u8))
            {
                if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                    return null;
                encryption = reader.GetString();
            }
            else
            {
                return null;
            }
        }

        // Reading past the end is what finds bytes behind the document.
        return records is null || reader.Read() ? null : new PutRecordsResponse { FailedRecordCount = failed, EncryptionType = encryption, Records = records };
    }

    private static List<PutRecordsResultEntry>? TryReadRecords(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return null;
        var records = new List<PutRecordsResultEntry>();
        var shared = new HashSet<string>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (TryReadRecord(ref reader, shared) is not { } record)
                return null;
            records.Add(record);
        }

        return reader.TokenType == JsonTokenType.EndArray ? records : null;
    }

    private static PutRecordsResultEntry? TryReadRecord(ref Utf8JsonReader reader, HashSet<string>.AlternateLookup<ReadOnlySpan<char>> shared)
    {
        string? sequenceNumber = null, shardId = null, errorCode = null, errorMessage = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // What comes a second time is for the general path, as what is unknown.
            if (sequenceNumber is null && reader.ValueTextEquals("SequenceNumber"u8))
                sequenceNumber = Text(ref reader, null);
            else if (shardId is null && reader.ValueTextEquals("ShardId"u8))
                shardId = Text(ref reader, shared);
            else if (errorCode is null && reader.ValueTextEquals("ErrorCode"u8))
                errorCode = Text(ref reader, shared);
            else if (errorMessage is null && reader.ValueTextEquals("ErrorMessage"u8))
                errorMessage = Text(ref reader, shared);
            else
                return null;
        }

        return new PutRecordsResultEntry { SequenceNumber = sequenceNumber, ShardId = shardId, ErrorCode = errorCode, ErrorMessage = errorMessage };
    }

    // Null is like absent. Throws what the caller catches when it is no text.
    private static string? Text(ref Utf8JsonReader reader, HashSet<string>.AlternateLookup<ReadOnlySpan<char>>? shared)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException("No text.");
        if (shared is not { } known || reader.ValueIsEscaped || reader.ValueSpan.Length > MaxSharedBytes)
            return reader.GetString();
        Span<char> text = stackalloc char[MaxSharedBytes];
        if (Ascii.ToUtf16(reader.ValueSpan, text, out var length) != OperationStatus.Done)
            return reader.GetString();
        if (!known.TryGetValue(text[..length], out var found))
        {
            found = new string(text[..length]);
            known.Set.Add(found);
        }

        return found;
    }
}
