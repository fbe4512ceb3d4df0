using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;

namespace Weir.Server.Metrics.Prometheus;

/// <summary>Writes series in Prometheus's text format 0.0.4: families in order of name, series in order of labels, the same each time.</summary>
/// <remarks>Not thread-safe. Hands over in pieces, so that the text of many series is never in memory as a whole.</remarks>
internal sealed class PrometheusText(PipeWriter output)
{
    /// <summary>The format's content type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // As the pieces of an answer: what Kestrel buffers for a connection.
    private const int PieceBytes = 64 * 1024;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    // Written but not handed over yet.
    private long _pending;

    /// <summary>Writes everything.</summary>
    public async Task WriteAsync(IEnumerable<InstrumentSeries> instruments, CancellationToken cancellationToken)
    {
        var families = instruments
            .Select(instrument => (Name: PrometheusName.Of(instrument.Instrument, instrument.Kind), Instrument: instrument))
            .OrderBy(family => family.Name, StringComparer.Ordinal);
        foreach (var (name, instrument) in families)
        {
            var series = instrument.All.Select(series => (Labels: Labels(series.Tags), Series: series)).ToArray();
            if (series.Length == 0)
                continue;
            Array.Sort(series, static (x, y) => string.CompareOrdinal(x.Labels, y.Labels));
            WriteHead(name, instrument);
            var divisor = PrometheusName.DivisorOf(instrument.Instrument);
            foreach (var (labels, one) in series)
            {
                Write(name, labels, one, divisor);
                if (_pending < PieceBytes)
                    continue;
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
                _pending = 0;
            }
        }

        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private void WriteHead(string name, InstrumentSeries instrument)
    {
        if (instrument.Instrument.Description is { Length: > 0 } description)
            Append(Invariant, $"# HELP {name} {description.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\n");
        var type = instrument.Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Histogram => "histogram",
            _ => "gauge",
        };
        Append(Invariant, $"# TYPE {name} {type}\n");
    }

    private void Write(string name, string labels, Series series, double divisor)
    {
        if (series is DistributionSeries distribution)
            Write(name, labels, distribution, divisor);
        else if (series is ValueSeries value)
            Append(Invariant, $"{name}{Braced(labels)} {(value.Real == 0 && divisor == 1 ? value.Whole.ToString(Invariant) : Text((value.Real + value.Whole) / divisor))}\n");
    }

    private void Write(string name, string labels, DistributionSeries series, double divisor)
    {
        // The sum first: requests go on meanwhile, and a sum that lacks what is counted is less wrong than the other way round.
        var sum = series.Sum;
        var comma = labels.Length == 0 ? "" : ",";
        var bounds = series.Bounds;
        long count = 0;
        for (var i = 0; i < bounds.Length; i++)
        {
            count += series.CountIn(i);
            Append(Invariant, $"{name}_bucket{{{labels}{comma}le=\"{Text(bounds[i] / divisor)}\"}} {count}\n");
        }

        count += series.CountIn(bounds.Length);
        Append(Invariant, $"{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {count}\n");
        Append(Invariant, $"{name}_sum{Braced(labels)} {Text(sum / divisor)}\n");
        Append(Invariant, $"{name}_count{Braced(labels)} {count}\n");
    }

    private static string Braced(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    private static string Labels(TagSet tags)
    {
        var labels = new StringBuilder();
        foreach (var (name, value) in tags.All)
        {
            // An empty label is the same as none.
            if (Convert.ToString(value, Invariant) is not { Length: > 0 } text)
                continue;
            labels.Append(labels.Length == 0 ? "" : ",").Append(PrometheusName.OfTag(name)).Append("=\"");
            foreach (var character in text)
            {
                _ = character switch
                {
                    '\\' => labels.Append("\\\\"),
                    '"' => labels.Append("\\\""),
                    '\n' => labels.Append("\\n"),
                    _ => labels.Append(character),
                };
            }

            labels.Append('"');
        }

        return labels.ToString();
    }

    private static string Text(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", Invariant),
    };

    private void Append(IFormatProvider provider, [InterpolatedStringHandlerArgument(nameof(provider))] ref DefaultInterpolatedStringHandler line)
    {
        _ = provider;
        _pending += Encoding.UTF8.GetBytes(line.ToStringAndClear(), output);
    }
}
