using System.Globalization;

namespace Weir.Protocol.Wire;

/// <summary>The JSON form of a time: seconds since 1970 with three decimals (spec section 2.3).</summary>
internal static class JsonTimestamp
{
    /// <summary>Room for every time that <see cref="DateTimeOffset"/> can hold.</summary>
    public const int MaxBytes = 22;

    /// <summary>Writes for example <c>1441215410.867</c>; allocates nothing.</summary>
    /// <param name="value">The time; what lies below a millisecond is cut off.</param>
    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Format(DateTimeOffset value, Span<byte> destination)
    {
        var milliseconds = value.ToUnixTimeMilliseconds();
        var sign = 0;
        if (milliseconds < 0)
        {
            destination[0] = (byte)'-';
            sign = 1;
            milliseconds = -milliseconds;
        }

        var (seconds, rest) = Math.DivRem(milliseconds, 1000);
        seconds.TryFormat(destination[sign..], out var digits, provider: CultureInfo.InvariantCulture);
        destination[sign + digits] = (byte)'.';
        rest.TryFormat(destination[(sign + digits + 1)..], out _, "D3", CultureInfo.InvariantCulture);
        return sign + digits + 4;
    }
}
