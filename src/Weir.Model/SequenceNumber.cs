namespace Weir.Model;

/// <summary>A record's position in its shard: a decimal string of 56 digits, strictly increasing within the shard and along its children.</summary>
/// <remarks>
/// The layout is the one that Kinesis itself uses (version 2, spec section 5.2), as 47 hexadecimal digits from the most significant:
/// <code>
///   digit   0      1..9             10              11..26    27..28  29..37          38..45         46
///           2      creation time    shard, low 4    index     00      record time     shard number   2
///                  of the shard, s  bits                              s
/// </code>
/// The creation time stands above all, so a child's numbers lie above its parents'; the index stands above the record's time,
/// so the clock cannot disturb the order.
/// </remarks>
/// <param name="CreatedSeconds">The shard's creation time in seconds since 1970; below 16025175000.</param>
/// <param name="Index">The record's index in its shard, from 1; 0 is the shard's start, <see cref="EndIndex"/> its end.</param>
/// <param name="RecordSeconds">The record's arrival time in seconds since 1970.</param>
/// <param name="Shard">The shard that assigned it.</param>
public readonly record struct SequenceNumber(long CreatedSeconds, long Index, long RecordSeconds, ShardId Shard)
    : IComparable<SequenceNumber>
{
    /// <summary>The index of a closed shard's ending sequence number: larger than every record's and nobody's.</summary>
    public const long EndIndex = long.MaxValue;

    /// <summary>Creation times at or above this make a number invalid (spec section 5.2).</summary>
    public const long CreatedSecondsLimit = 16_025_175_000;

    /// <summary>Number of decimal digits of every number that the service gives out.</summary>
    public const int Digits = 56;

    /// <summary>The first number of a shard, before every record.</summary>
    public static SequenceNumber Start(ShardId shard, long createdSeconds) => new(createdSeconds, 0, createdSeconds, shard);

    /// <summary>The last number of a closed shard, after every record.</summary>
    public static SequenceNumber End(ShardId shard, long createdSeconds, long closedSeconds) =>
        new(createdSeconds, EndIndex, closedSeconds, shard);

    /// <inheritdoc />
    public int CompareTo(SequenceNumber other)
    {
        var order = CreatedSeconds.CompareTo(other.CreatedSeconds);
        if (order == 0) order = (Shard.Number & 15).CompareTo(other.Shard.Number & 15);
        if (order == 0) order = Index.CompareTo(other.Index);
        if (order == 0) order = RecordSeconds.CompareTo(other.RecordSeconds);
        return order == 0 ? Shard.CompareTo(other.Shard) : order;
    }

    /// <summary>Writes the decimal digits as UTF-8. Allocates nothing.</summary>
    /// <param name="destination">At least <see cref="Digits"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public int Format(Span<byte> destination)
    {
        Span<byte> digits = stackalloc byte[57];
        WriteDigits(digits);
        var start = digits.IndexOfAnyExcept((byte)'0');
        digits[start..].CopyTo(destination);
        return 57 - start;
    }

    /// <summary>The decimal text.</summary>
    public override string ToString()
    {
        Span<byte> digits = stackalloc byte[57];
        WriteDigits(digits);
        return System.Text.Encoding.ASCII.GetString(digits[digits.IndexOfAnyExcept((byte)'0')..]);
    }

    /// <summary>Reads a sequence number of version 2.</summary>
    /// <returns>False for anything else, also for the older versions; <see cref="SequenceNumberText"/> tells those apart.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out SequenceNumber number) =>
        SequenceNumberText.Parse(text, out number) == SequenceNumberVersion.V2;

    // 188 bits in three limbs; two divisions by 10^19 part them into three times 19 digits.
    private void WriteDigits(Span<byte> digits)
    {
        // Bits from the top: 4 version | 36 created | 4 shard nibble | 64 index | 8 zero | 36 record time | 32 shard | 4 version.
        var low = ((ulong)RecordSeconds << 36) | ((ulong)(uint)Shard.Number << 4) | 2;
        // 72 low bits are: 36 record + 32 shard + 4 version; the record time's top 8 bits spill into the middle limb, then 8 zeros, then the index.
        var recordHigh = (ulong)RecordSeconds >> 28;
        var index = (ulong)Index;
        var middle = recordHigh | (index << 16);
        var high = (index >> 48) | ((ulong)(Shard.Number & 15) << 16) | ((ulong)CreatedSeconds << 20) | (2UL << 56);
        // The high limb is below 2^60, and so below 10^19: what it would give as a quotient is nothing.
        var (middleQuotient, remainder) = DecimalDigits.DivRemTenTo19(high, middle);
        (var lowQuotient, remainder) = DecimalDigits.DivRemTenTo19(remainder, low);
        DecimalDigits.Write19(remainder, digits[38..]);
        (lowQuotient, remainder) = DecimalDigits.DivRemTenTo19(middleQuotient, lowQuotient);
        DecimalDigits.Write19(remainder, digits[19..]);
        DecimalDigits.Write19(lowQuotient, digits);
    }
}
