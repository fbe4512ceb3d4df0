using System.Numerics;

namespace Weir.Cli.Demo;

/// <summary>Percentiles by nearest rank: the smallest value that at least the given part of all values do not exceed.</summary>
internal static class NearestRank
{
    /// <summary>The percentile of values that are sorted already.</summary>
    /// <param name="sorted">At least one value, ascending.</param>
    /// <param name="percent">1 to 100.</param>
    public static T Of<T>(ReadOnlySpan<T> sorted, int percent)
        where T : INumber<T>
    {
        // ceil(percent / 100 * n) in whole numbers: no rounding error moves the rank.
        var rank = (((long)percent * sorted.Length) + 99) / 100;
        return sorted[(int)rank - 1];
    }
}
