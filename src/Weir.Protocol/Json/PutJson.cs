using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Weir.Model;
using Weir.Protocol.Records;
using Weir.Protocol.Validation;

namespace Weir.Protocol.Json;

/// <summary>What the fast readers of PutRecord and PutRecords share: one method per member.</summary>
/// <remarks>
/// They decline, by returning false, on everything that is not the ordinary form of a legal request; the general path then
/// finds out what it is. So each method may be stricter than the general path, and never more lenient. The reader stands on the
/// member's value.
/// </remarks>
internal static class PutJson
{
    /// <summary>Tokens of unknown members that one body may have before it is no longer ordinary.</summary>
    public const int UnknownTokenBudget = 1000;

    private const int MaxDataBytes = KinesisLimits.MaxMaxRecordSizeInKiB * 1024;
    private const int MaxHashKeyDigits = 39;
    private const int MaxSequenceNumberDigits = 129;
    private const int MaxStreamNameCharacters = 128;
    private const int MaxArnCharacters = 2048;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);
    private static readonly SearchValues<byte> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"u8);

    /// <summary>Reads base64 into the request's buffer. Escapes are undone first: some writers escape the slash.</summary>
    public static bool TryReadData(ref Utf8JsonReader reader, PutRequest request, ref PutEntry entry)
    {
        if (reader.TokenType != JsonTokenType.String)
            return false;
        var free = request.Free;
        int length;
        if (reader.ValueIsEscaped)
        {
            var text = free[..reader.CopyString(free)];
            var expected = Base64Text.DecodedLength(text);
            if (expected < 0 || Base64.DecodeFromUtf8InPlace(text, out length) != OperationStatus.Done || length != expected)
                return false;
        }
        else
        {
            // The framework skips white space, which the service does not: then fewer bytes come out than the length promises.
            var expected = Base64Text.DecodedLength(reader.ValueSpan);
            if (expected < 0
                || Base64.DecodeFromUtf8(reader.ValueSpan, free, out _, out length) != OperationStatus.Done
                || length != expected)
            {
                return false;
            }
        }

        entry.DataOffset = request.Take(length);
        entry.DataLength = length;
        return length <= MaxDataBytes;
    }

    /// <summary>Reads a partition key of 1 to 256 UTF-16 units; null counts as absent. Declines lone surrogates.</summary>
    public static bool TryReadKey(ref Utf8JsonReader reader, PutRequest request, ref PutEntry entry)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return true;
        if (reader.TokenType != JsonTokenType.String)
            return false;
        var key = request.Free;
        if (reader.ValueIsEscaped)
        {
            key = key[..reader.CopyString(key)];
        }
        else
        {
            reader.ValueSpan.CopyTo(key);
            key = key[..reader.ValueSpan.Length];
        }

        if (key.IsEmpty || !Utf8.IsValid(key))
            return false;
        // No text has more UTF-16 units than bytes, so counting is for the rare long key.
        if (key.Length > KinesisLimits.MaxPartitionKeyCharacters
            && Encoding.UTF8.GetCharCount(key) > KinesisLimits.MaxPartitionKeyCharacters)
        {
            return false;
        }

        entry.KeyOffset = request.Take(key.Length);
        entry.KeyLength = key.Length;
        return true;
    }

    /// <summary>Reads an explicit hash key; null counts as absent.</summary>
    public static bool TryReadHashKey(ref Utf8JsonReader reader, PutRequest request, ref PutEntry entry)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return true;
        if (!IsDecimal(ref reader, MaxHashKeyDigits))
            return false;
        request.SetExplicitHashKey(ref entry, reader.ValueSpan);
        return true;
    }

    /// <summary>Reads the number for ordering; null counts as absent.</summary>
    public static bool TryReadSequenceNumber(ref Utf8JsonReader reader, PutRequest request)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return true;
        if (!IsDecimal(ref reader, MaxSequenceNumberDigits))
            return false;
        request.SequenceNumberForOrdering = Encoding.ASCII.GetString(reader.ValueSpan);
        return true;
    }

    /// <summary>Reads a stream's name; null counts as absent.</summary>
    public static bool TryReadStreamName(ref Utf8JsonReader reader, PutRequest request)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return true;
        if (reader.TokenType != JsonTokenType.String
            || reader.ValueSpan.Length is 0 or > MaxStreamNameCharacters
            || reader.ValueSpan.ContainsAnyExcept(NameCharacters))
        {
            return false;
        }

        request.StreamName = Encoding.ASCII.GetString(reader.ValueSpan);
        return true;
    }

    /// <summary>Reads a stream's ARN; null counts as absent. Its slash may be escaped.</summary>
    public static bool TryReadStreamArn(ref Utf8JsonReader reader, PutRequest request)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return true;
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > MaxArnCharacters)
            return false;
        Span<byte> utf8 = stackalloc byte[MaxArnCharacters];
        utf8 = utf8[..reader.CopyString(utf8)];
        if (!Ascii.IsValid(utf8))
            return false;
        var arn = Encoding.ASCII.GetString(utf8);
        request.StreamArn = arn;
        return StreamArn.Pattern.IsMatch(arn);
    }

    /// <summary>Reads true or false; null counts as absent. The other spellings are for the general path.</summary>
    public static bool TryReadDryRun(ref Utf8JsonReader reader, PutRequest request)
    {
        request.DryRun = reader.TokenType == JsonTokenType.True;
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null;
    }

    /// <summary>Steps over an unknown member, from its name to the end of its value.</summary>
    /// <param name="reader">Stands on the member's name.</param>
    /// <param name="budget">What is left of <see cref="UnknownTokenBudget"/>.</param>
    public static bool TrySkipMember(ref Utf8JsonReader reader, ref int budget)
    {
        // The general path refuses a body that is not UTF-8 all through; the reader itself does not look.
        var depth = reader.CurrentDepth;
        do
        {
            if (--budget < 0
                || (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && !Utf8.IsValid(reader.ValueSpan))
                || !reader.Read())
            {
                return false;
            }
        }
        while (reader.CurrentDepth > depth || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray);
        return reader.TokenType != JsonTokenType.String || Utf8.IsValid(reader.ValueSpan);
    }

    // 0, or digits without a leading zero.
    private static bool IsDecimal(ref Utf8JsonReader reader, int maxDigits) =>
        reader.TokenType == JsonTokenType.String
        && !reader.ValueSpan.IsEmpty
        && reader.ValueSpan.Length <= maxDigits
        && !reader.ValueSpan.ContainsAnyExcept(Digits)
        && (reader.ValueSpan[0] != '0' || reader.ValueSpan.Length == 1);

    // Nested, so that the service model is loaded only when a request names a stream by ARN.
    private static class StreamArn
    {
        public static readonly ShapePattern Pattern = ServiceModel.Kinesis.Shapes["StreamARN"].Pattern!;
    }
}
