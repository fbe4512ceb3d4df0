using System.Globalization;

namespace Weir.Cli;

/// <summary>Durations as people write them: <c>250ms</c>, <c>10s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>.</summary>
internal static class TimeText
{
    /// <summary>What a duration looks like, for messages.</summary>
    public const string Form = "a whole number with ms, s, m, h or d, such as 250ms or 10s";

    // The longest unit first where one ends with another.
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads a duration of at most 1,000 days.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        foreach (var (unit, length) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal))
                continue;
            if (!long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number > TimeSpan.FromDays(1000) / length)
            {
                return false;
            }

            time = length * number;
            return true;
        }

        return false;
    }
}
