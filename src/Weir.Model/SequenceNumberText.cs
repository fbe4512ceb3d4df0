using System.Globalization;
using System.Numerics;

namespace Weir.Model;

/// <summary>Which layout a sequence number's text has.</summary>
public enum SequenceNumberVersion
{
    /// <summary>No sequence number at all.</summary>
    Invalid,

    /// <summary>2013: 32 hexadecimal digits. Never given out by this service.</summary>
    V0,

    /// <summary>2014. Never given out by this service.</summary>
    V1,

    /// <summary>The present layout.</summary>
    V2,
}

/// <summary>Reads sequence numbers that clients send, of every version that Kinesis ever gave out (spec section 5.2).</summary>
/// <remarks>Versions 0 and 1 are read only far enough to tell "not from this stream" from "not a number".</remarks>
public static class SequenceNumberText
{
    private static readonly BigInteger TwoTo124 = BigInteger.One << 124;
    private static readonly BigInteger Version0Limit = (BigInteger.One << 125) * 16;
    private static readonly BigInteger TwoTo185 = BigInteger.One << 185;
    private static readonly BigInteger Version2Limit = (BigInteger.One << 184) * 3;

    /// <summary>Reads the text and says which version it has.</summary>
    /// <param name="text">What the client sent.</param>
    /// <param name="number">The parts. For the older versions only the creation time and the shard are meaningful.</param>
    public static SequenceNumberVersion Parse(ReadOnlySpan<char> text, out SequenceNumber number)
    {
        number = default;
        if (text.Length is 0 or > 129 || !BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return SequenceNumberVersion.Invalid;

        if (value < TwoTo124)
            value += TwoTo124;
        if (value < Version0Limit)
            return ParseVersion0(value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0'), out number);
        if (value < TwoTo185 || value >= Version2Limit)
            return SequenceNumberVersion.Invalid;

        var hex = value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
        return hex[46] switch
        {
            '2' => ParseVersion2(hex, out number),
            '1' => ParseVersion1(hex, out number),
            _ => SequenceNumberVersion.Invalid,
        };
    }

    private static SequenceNumberVersion ParseVersion2(string hex, out SequenceNumber number)
    {
        var created = Hex(hex, 1, 9);
        var index = Hex(hex, 11, 16);
        var recorded = Hex(hex, 29, 9);
        var shard = Hex(hex, 38, 8);
        number = default;
        if (created >= SequenceNumber.CreatedSecondsLimit || hex[11] > '7' || shard > int.MaxValue)
            return SequenceNumberVersion.Invalid;
        number = new SequenceNumber(created, index, recorded, new ShardId((int)shard));
        return SequenceNumberVersion.V2;
    }

    private static SequenceNumberVersion ParseVersion1(string hex, out SequenceNumber number)
    {
        var created = Hex(hex, 1, 9);
        var recorded = Hex(hex, 13, 9);
        var shard = Hex(hex, 38, 8);
        number = default;
        if (created >= SequenceNumber.CreatedSecondsLimit || shard > int.MaxValue)
            return SequenceNumberVersion.Invalid;
        number = new SequenceNumber(created, Hex(hex, 36, 2), recorded, new ShardId((int)shard));
        return SequenceNumberVersion.V1;
    }

    private static SequenceNumberVersion ParseVersion0(string hex, out SequenceNumber number)
    {
        number = default;
        if (hex.Length != 32)
            return SequenceNumberVersion.Invalid;
        var created = Hex(hex, 1, 9);
        if (created >= SequenceNumber.CreatedSecondsLimit)
            return SequenceNumberVersion.Invalid;
        number = new SequenceNumber(created, 0, created, new ShardId((int)Hex(hex, 28, 4)));
        return SequenceNumberVersion.V0;
    }

    private static long Hex(string hex, int start, int count) =>
        long.Parse(hex.AsSpan(start, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
