using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Weir.Model;

namespace Weir.Protocol.Records;

/// <summary>What the fast readers of every encoding ask of a member before they keep it.</summary>
/// <remarks>
/// A false sends the request to the general path, so each method may be stricter than the service model, and never more lenient.
/// </remarks>
internal static class PutMembers
{
    /// <summary>Longest text that <see cref="TrySetStreamArn"/> accepts; from the service model.</summary>
    public const int MaxArnCharacters = 2048;

    private const int MaxDataBytes = KinesisLimits.MaxMaxRecordSizeInKiB * 1024;
    private const int MaxHashKeyDigits = 39;
    private const int MaxSequenceNumberDigits = 129;
    private const int MaxStreamNameCharacters = 128;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);
    private static readonly SearchValues<byte> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"u8);

    /// <summary>Takes data that stands at the start of <see cref="PutRequest.Free"/>.</summary>
    public static bool TryTakeData(PutRequest request, ref PutEntry entry, int length)
    {
        entry.DataOffset = request.Take(length);
        entry.DataLength = length;
        return length <= MaxDataBytes;
    }

    /// <summary>Takes a partition key, of 1 to 256 UTF-16 units, that stands at the start of <see cref="PutRequest.Free"/>.</summary>
    public static bool TryTakeKey(PutRequest request, ref PutEntry entry, int length)
    {
        var key = request.Free[..length];
        if (key.IsEmpty || !Utf8.IsValid(key))
            return false;
        // No text has more UTF-16 units than bytes, so counting is for the rare long key.
        if (key.Length > KinesisLimits.MaxPartitionKeyCharacters
            && Encoding.UTF8.GetCharCount(key) > KinesisLimits.MaxPartitionKeyCharacters)
        {
            return false;
        }

        entry.KeyOffset = request.Take(length);
        entry.KeyLength = length;
        return true;
    }

    /// <summary>Keeps an explicit hash key.</summary>
    public static bool TrySetHashKey(PutRequest request, ref PutEntry entry, ReadOnlySpan<byte> utf8)
    {
        if (!IsDecimal(utf8, MaxHashKeyDigits))
            return false;
        request.SetExplicitHashKey(ref entry, utf8);
        return true;
    }

    /// <summary>Keeps the number for ordering.</summary>
    public static bool TrySetSequenceNumber(PutRequest request, ReadOnlySpan<byte> utf8)
    {
        if (!IsDecimal(utf8, MaxSequenceNumberDigits))
            return false;
        request.SequenceNumberForOrdering = Encoding.ASCII.GetString(utf8);
        return true;
    }

    /// <summary>Keeps a stream's name.</summary>
    public static bool TrySetStreamName(PutRequest request, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > MaxStreamNameCharacters || utf8.ContainsAnyExcept(NameCharacters))
            return false;
        request.StreamName = Encoding.ASCII.GetString(utf8);
        return true;
    }

    /// <summary>Keeps a stream's ARN.</summary>
    public static bool TrySetStreamArn(PutRequest request, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxArnCharacters || !Ascii.IsValid(utf8))
            return false;
        var arn = Encoding.ASCII.GetString(utf8);
        request.StreamArn = arn;
        return StreamArn.Pattern.IsMatch(arn);
    }

    // 0, or digits without a leading zero.
    private static bool IsDecimal(ReadOnlySpan<byte> utf8, int maxDigits) =>
        !utf8.IsEmpty
        && utf8.Length <= maxDigits
        && !utf8.ContainsAnyExcept(Digits)
        && (utf8[0] != '0' || utf8.Length == 1);

    // Nested, so that the service model is loaded only when a request names a stream by ARN.
    private static class StreamArn
    {
        public static readonly ShapePattern Pattern = ServiceModel.Kinesis.Shapes["StreamARN"].Pattern!;
    }
}
