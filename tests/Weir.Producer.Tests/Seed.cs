using System.Globalization;

namespace Weir.Producer.Tests;

/// <summary>Which seeds a test goes through: WEIR_SEED repeats one.</summary>
internal static class Seed
{
    private static int? Given =>
        int.TryParse(Environment.GetEnvironmentVariable("WEIR_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : null;

    /// <summary>The seed that was asked for, or the test's own.</summary>
    public static int Of(int seed) => Given ?? seed;

    /// <summary>The seed that was asked for, or so many.</summary>
    public static IReadOnlyList<int> Range(int count) => Given is { } seed ? [seed] : [.. Enumerable.Range(0, count)];
}
