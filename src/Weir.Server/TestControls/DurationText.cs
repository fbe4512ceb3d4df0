using System.Globalization;

namespace Weir.Server.TestControls;

/// <summary>Durations in the requests of the test controls: <c>250ms</c>, <c>10s</c>, <c>5m</c>, <c>24h</c>, <c>7d</c>.</summary>
internal static class DurationText
{
    /// <summary>What a duration looks like, for messages.</summary>
    public const string Form = "a number of seconds, or a text such as \"250ms\", \"10s\", \"5m\", \"24h\" or \"7d\"";

    /// <summary>The longest duration that any control takes.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1000);

    // The longest unit first where one ends with another.
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads a decimal number with a unit, of at most <see cref="Longest"/>.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        foreach (var (unit, length) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal))
                continue;
            return decimal.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && TryMake(number, length, out time);
        }

        return false;
    }

    /// <summary>Reads a number of seconds, of at most <see cref="Longest"/>.</summary>
    public static bool TryMake(decimal seconds, out TimeSpan time) => TryMake(seconds, TimeSpan.FromSeconds(1), out time);

    /// <summary>Shows a duration as it may be given: in the largest unit that leaves a whole number.</summary>
    public static string Of(TimeSpan time)
    {
        var (unit, length) = Units.Last(unit => unit.Length == Units[0].Length || (time > TimeSpan.Zero && time.Ticks % unit.Length.Ticks == 0));
        return string.Create(CultureInfo.InvariantCulture, $"{(decimal)time.Ticks / length.Ticks}{unit}");
    }

    private static bool TryMake(decimal number, TimeSpan unit, out TimeSpan time)
    {
        time = default;
        if (number < 0 || number > (decimal)Longest.Ticks / unit.Ticks)
            return false;
        time = TimeSpan.FromTicks((long)(number * unit.Ticks));
        return true;
    }
}
