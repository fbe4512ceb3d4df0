using System.Diagnostics.Metrics;
using System.Text;

namespace Weir.Server.Metrics.Prometheus;

/// <summary>The name of an instrument in Prometheus's world: <c>GetRecords.Bytes</c> is <c>weir_get_records_bytes_total</c> there.</summary>
/// <remarks>Prometheus knows time in seconds only. What the API measures in milliseconds is divided and loses the word from its name.</remarks>
internal static class PrometheusName
{
    // What ours begin with; a meter that is not here gives its instruments no prefix.
    private static readonly Dictionary<string, string> Prefixes = new(StringComparer.Ordinal)
    {
        [StreamMetrics.MeterName] = "weir_",
        [ShardLevelMetrics.MeterName] = "weir_shard_",
    };

    private const string Milliseconds = "ms";

    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["s"] = "_seconds",
        [Milliseconds] = "_seconds",
        ["By"] = "_bytes",
    };

    /// <summary>Words in lower case, the unit unless the name ends with it, and <c>_total</c> for what only grows.</summary>
    public static string Of(Instrument instrument, MetricKind kind)
    {
        var name = Words(instrument.Unit == Milliseconds
            ? instrument.Name.Replace("Milliseconds", "", StringComparison.Ordinal).Replace("Millis", "", StringComparison.Ordinal)
            : instrument.Name);
        if (Prefixes.TryGetValue(instrument.Meter.Name, out var prefix) && !name.ToString().StartsWith("weir_", StringComparison.Ordinal))
            name.Insert(0, prefix);
        if (instrument.Unit is { } unit && Units.TryGetValue(unit, out var suffix) && !name.ToString().EndsWith(suffix, StringComparison.Ordinal))
            name.Append(suffix);
        if (kind == MetricKind.Counter)
            name.Append("_total");
        return name.ToString();
    }

    /// <summary>By how much to divide an instrument's values to have them in the unit of its name.</summary>
    public static double DivisorOf(Instrument instrument) => instrument.Unit == Milliseconds ? 1000 : 1;

    /// <summary>The name of a tag: <c>StreamName</c> is <c>stream_name</c>.</summary>
    public static string OfTag(string name) => Words(name).ToString();

    private static StringBuilder Words(string text)
    {
        var name = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]))
            {
                name.Append('_');
                continue;
            }

            if (char.IsAsciiLetterUpper(text[i]) && i > 0 && char.IsAsciiLetterOrDigit(text[i - 1]))
                name.Append('_');
            name.Append(char.ToLowerInvariant(text[i]));
        }

        return name;
    }
}
