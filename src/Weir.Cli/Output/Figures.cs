using System.Globalization;
using Weir.Model;

namespace Weir.Cli.Output;

/// <summary>Figures as people read them, the same in every language.</summary>
internal static class Figures
{
    private static readonly double WholeSpace = Math.Pow(2, 128);

    /// <summary>With separators: <c>10,000</c>.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A rate: whole above 100, else with one decimal.</summary>
    public static string Rate(double value) => value.ToString(value >= 100 ? "N0" : "N1", CultureInfo.InvariantCulture);

    /// <summary>Bytes in decimal units: <c>1.2 MB</c>.</summary>
    public static string Bytes(double bytes)
    {
        foreach (var (unit, size) in (ReadOnlySpan<(string, double)>)[("GB", 1e9), ("MB", 1e6), ("KB", 1e3)])
        {
            if (bytes >= size)
                return (bytes / size).ToString("0.0 ", CultureInfo.InvariantCulture) + unit;
        }

        return bytes.ToString("0 'bytes'", CultureInfo.InvariantCulture);
    }

    /// <summary>Seconds, or minutes and seconds: <c>1.4 s</c>, <c>2 min 05 s</c>.</summary>
    public static string Time(TimeSpan time) => time < TimeSpan.FromMinutes(2)
        ? time.TotalSeconds.ToString("0.0 's'", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:00} s");

    /// <summary>A point of time in UTC, to the second.</summary>
    public static string Moment(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";

    /// <summary>How much of the hash key space a range covers: <c>33.3 %</c>.</summary>
    public static string Share(HashKeyRange range) => Percent(((double)(range.End.Value - range.Start.Value) + 1) / WholeSpace);

    /// <summary>Where in the hash key space a range begins and ends.</summary>
    public static string Position(HashKeyRange range) =>
        $"{Percent((double)range.Start.Value / WholeSpace)} - {Percent(((double)range.End.Value + 1) / WholeSpace)}";

    private static string Percent(double part) => (part * 100).ToString("0.0 '%'", CultureInfo.InvariantCulture);
}
