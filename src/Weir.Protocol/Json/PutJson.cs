using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
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

        return PutMembers.TryTakeData(request, ref entry, length);
    }

    /// <summary>Reads a partition key of 1 to 256 UTF-16 units; null counts as absent. Declines lone surrogates.</summary>
    public static bool TryReadKey(ref Utf8JsonReader reader, PutRequest request, ref PutEntry entry)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return true;
        if (reader.TokenType != JsonTokenType.String)
            return false;
        var length = reader.ValueSpan.Length;
        if (reader.ValueIsEscaped)
            length = reader.CopyString(request.Free);
        else
            reader.ValueSpan.CopyTo(request.Free);
        return PutMembers.TryTakeKey(request, ref entry, length);
    }

    /// <summary>Reads an explicit hash key; null counts as absent.</summary>
    public static bool TryReadHashKey(ref Utf8JsonReader reader, PutRequest request, ref PutEntry entry) =>
        reader.TokenType == JsonTokenType.Null
        || (reader.TokenType == JsonTokenType.String && PutMembers.TrySetHashKey(request, ref entry, reader.ValueSpan));

    /// <summary>Reads the number for ordering; null counts as absent.</summary>
    public static bool TryReadSequenceNumber(ref Utf8JsonReader reader, PutRequest request) =>
        reader.TokenType == JsonTokenType.Null
        || (reader.TokenType == JsonTokenType.String && PutMembers.TrySetSequenceNumber(request, reader.ValueSpan));

    /// <summary>Reads a stream's name; null counts as absent.</summary>
    public static bool TryReadStreamName(ref Utf8JsonReader reader, PutRequest request) =>
        reader.TokenType == JsonTokenType.Null
        || (reader.TokenType == JsonTokenType.String && PutMembers.TrySetStreamName(request, reader.ValueSpan));

    /// <summary>Reads a stream's ARN; null counts as absent. Its slash may be escaped.</summary>
    public static bool TryReadStreamArn(ref Utf8JsonReader reader, PutRequest request)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return true;
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > PutMembers.MaxArnCharacters)
            return false;
        Span<byte> utf8 = stackalloc byte[PutMembers.MaxArnCharacters];
        return PutMembers.TrySetStreamArn(request, utf8[..reader.CopyString(utf8)]);
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
}
