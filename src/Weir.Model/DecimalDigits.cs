using System.Buffers.Binary;

namespace Weir.Model;

/// <summary>Decimal digits in fixed places, and the division that parts numbers of many digits.</summary>
/// <remarks>The framework's ways read a format text and divide 128 bits in a loop: for each record of an answer that was most of its cost.</remarks>
internal static class DecimalDigits
{
    private const ulong TenTo19 = 10_000_000_000_000_000_000;

    // floor((2^128 - 1) / 10^19) - 2^64. The divisor has its top bit set, so the estimate by this reciprocal is off by two at most
    // (Moeller and Granlund, "Improved division by invariant integers", algorithm 4).
    private const ulong Reciprocal = 15_581_492_618_384_294_730;

    /// <summary>Divides a number of 128 bits by 10^19.</summary>
    /// <param name="high">The upper half; below 10^19.</param>
    /// <param name="low">The lower half.</param>
    public static (ulong Quotient, ulong Remainder) DivRemTenTo19(ulong high, ulong low)
    {
        unchecked
        {
            var quotient = Math.BigMul(Reciprocal, high, out var fraction);
            fraction += low;
            quotient += high + 1 + (fraction < low ? 1UL : 0);
            var remainder = low - (quotient * TenTo19);
            if (remainder > fraction)
            {
                quotient--;
                remainder += TenTo19;
            }

            return remainder >= TenTo19 ? (quotient + 1, remainder - TenTo19) : (quotient, remainder);
        }
    }

    /// <summary>Writes 19 digits, with leading zeros.</summary>
    /// <param name="value">Below 10^19.</param>
    /// <param name="destination">At least 19 bytes.</param>
    public static void Write19(ulong value, Span<byte> destination)
    {
        destination = destination[..19];
        var (upper, lower) = Math.DivRem(value, 100_000_000UL);
        Write8((uint)lower, destination[11..]);
        (upper, lower) = Math.DivRem(upper, 100_000_000UL);
        Write8((uint)lower, destination[3..]);
        destination[0] = (byte)('0' + (upper / 100));
        destination[1] = (byte)('0' + (upper / 10 % 10));
        destination[2] = (byte)('0' + (upper % 10));
    }

    /// <summary>Writes eight digits, with leading zeros.</summary>
    /// <param name="value">Below 10^8.</param>
    /// <param name="destination">At least 8 bytes.</param>
    public static void Write8(uint value, Span<byte> destination)
    {
        // All at once, in halves of halves: 8 digits -> 2 x 4 -> 4 x 2 -> 8 x 1, the more significant ones in the lower bits.
        // The multiplications divide by 100 and by 10, exactly for as many digits as stand there.
        var (upper, lower) = Math.DivRem(value, 10_000u);
        var fours = upper | ((ulong)lower << 32);
        var hundreds = ((fours * 10_486) >> 20) & 0x0000007f_0000007f;
        var twos = hundreds | ((fours - (hundreds * 100)) << 16);
        var tens = ((twos * 103) >> 10) & 0x000f000f_000f000f;
        var ones = tens | ((twos - (tens * 10)) << 8);
        BinaryPrimitives.WriteUInt64LittleEndian(destination, ones | 0x3030303030303030);
    }
}
