using System.Globalization;

namespace Weir.Cli;

/// <summary>Sizes as people write them: <c>512MiB</c>, <c>2GB</c>, <c>1073741824</c>.</summary>
internal static class SizeText
{
    /// <summary>What a size looks like, for messages.</summary>
    public const string Form = "a whole number of bytes, or with KB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 512MiB or 2GB";

    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("", 1),
    ];

    /// <summary>Reads a size; units in any case.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var (unit, size) = Units.First(unit => text.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase));
        if (!long.TryParse(text.AsSpan(0, text.Length - unit.Length).TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue / size)
            return false;
        bytes = number * size;
        return true;
    }

    /// <summary>A size in binary units, with at most one digit after the point: <c>2 GiB</c>, <c>1.5 GiB</c>.</summary>
    public static string Of(long bytes)
    {
        var (unit, size) = bytes >= 1L << 30 ? ("GiB", 1L << 30) : bytes >= 1L << 20 ? ("MiB", 1L << 20) : ("KiB", 1L << 10);
        return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / size:0.#} {unit}");
    }
}
