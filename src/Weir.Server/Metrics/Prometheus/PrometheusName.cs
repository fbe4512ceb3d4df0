using System.Diagnostics.Metrics;
using System.Text;

namespace Weir.Server.Metrics.Prometheus;

/// <summary>The name of an instrument in Prometheus's world: <c>GetRecords.Bytes</c> is <c>weir_get_records_bytes_total</c> there.</summary>
internal static class PrometheusName
{
    // What ours begin with; a meter that is not here gives its instruments no prefix.
    private static readonly Dictionary<string, string> Prefixes = new(StringComparer.Ordinal)
    {
        [StreamMetrics.MeterName] = "weir_",
        [ShardLevelMetrics.MeterName] = "weir_shard_",
    };

    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["s"] = "_seconds",
        ["ms"] = "_milliseconds",
        ["By"] = "_bytes",
    };

    /// <summary>Words in lower case, the unit unless the name ends with it, and <c>_total</c> for what only grows.</summary>
    public static string Of(Instrument instrument, MetricKind kind)
    {
        var name = new StringBuilder();
        AppendWords(name, instrument.Name);
        if (Prefixes.TryGetValue(instrument.Meter.Name, out var prefix) && !name.ToString().StartsWith("weir_", StringComparison.Ordinal))
            name.Insert(0, prefix);
        if (instrument.Unit is { } unit && Units.TryGetValue(unit, out var suffix) && !name.ToString().EndsWith(suffix, StringComparison.Ordinal))
            name.Append(suffix);
        if (kind == MetricKind.Counter)
            name.Append("_total");
        return name.ToString();
    }

    /// <summary>The name of a tag: what a label's name may not have becomes an underscore.</summary>
    public static string OfTag(string name) =>
        string.Create(name.Length, name, static (label, name) =>
        {
            for (var i = 0; i < name.Length; i++)
                label[i] = char.IsAsciiLetter(name[i]) || (i > 0 && char.IsAsciiDigit(name[i])) ? name[i] : '_';
        });

    private static void AppendWords(StringBuilder name, string text)
    {
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
    }
}
