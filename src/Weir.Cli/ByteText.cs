using System.Globalization;

namespace Weir.Cli;

/// <summary>Reads sizes: a number and a decimal unit, as in <c>500MB</c> or <c>1.5GB</c>.</summary>
internal static class ByteText
{
    // The longest first, since each ends in the next one's letter.
    private static readonly (string Unit, long Bytes)[] Units = [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("B", 1)];

    /// <summary>Reads a size within a range.</summary>
    /// <param name="min">The least, in bytes.</param>
    /// <param name="max">The greatest, in bytes.</param>
    public static Options.Reader<long> Reader(long min, long max) => text =>
        TryParse(text, out var bytes) && bytes >= min && bytes <= max
            ? bytes
            : throw new FormatException($"expected a size such as 500MB or 2GB, from {Output.Figures.Bytes(min)} to {Output.Figures.Bytes(max)}");

    /// <summary>Reads a size.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        foreach (var (unit, size) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
                continue;
            const NumberStyles Plain = NumberStyles.AllowDecimalPoint;
            if (!decimal.TryParse(text[..^unit.Length], Plain, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue / size)
                return false;
            bytes = (long)(number * size);
            return true;
        }

        return false;
    }
}
