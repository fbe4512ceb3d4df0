using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Weir.Server.Metrics;
using Weir.Server.Metrics.Prometheus;

namespace Weir.Server.Tests.Metrics;

/// <summary>docs/metrics.md lists exactly the instruments that there are, with what the code says of them.</summary>
public sealed class MetricsDocumentTests
{
    private const int NameColumn = 0, KindColumn = 1, UnitColumn = 2, MeaningColumn = 3, PrometheusColumn = 4;

    [Fact]
    public async Task The_tables_and_the_instruments_agree()
    {
        using var directory = new TemporaryDirectory();
        // On a disk, since only there is a log of which anything is measured.
        await using var server = await TestServer.StartAsync(dataDirectory: directory.Path);
        var instruments = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (server.Server.Meters.Own(instrument))
                instruments.Add(instrument);
        };
        listener.Start();
        Assert.Equal(instruments.Select(RowOf).Order(StringComparer.Ordinal), Rows().Order(StringComparer.Ordinal));
    }

    private static string RowOf(Instrument instrument)
    {
        var kind = instrument.GetType().Name.Split('`')[0];
        var name = instrument.Name == StreamMetrics.OldIteratorAge ? "" : $"`{PrometheusName.Of(instrument, KindOf(kind))}`";
        return $"`{instrument.Name}` | {kind} | `{instrument.Unit}` | {instrument.Description} | {name}";
    }

    private static MetricKind KindOf(string kind) =>
        kind.EndsWith("UpDownCounter", StringComparison.Ordinal) ? MetricKind.Gauge
        : kind.EndsWith("Counter", StringComparison.Ordinal) ? MetricKind.Counter
        : MetricKind.Histogram;

    private static IEnumerable<string> Rows() =>
        from line in File.ReadLines(Path.Combine(Root(), "docs", "metrics.md"))
        where line.StartsWith("| `", StringComparison.Ordinal)
        let cells = line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()
        where cells.Length > PrometheusColumn
        select $"{cells[NameColumn]} | {cells[KindColumn]} | {cells[UnitColumn]} | {cells[MeaningColumn]} | {cells[PrometheusColumn]}";

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
