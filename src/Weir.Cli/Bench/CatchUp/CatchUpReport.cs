using System.Globalization;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Output;
using Weir.Protocol.Wire;

namespace Weir.Cli.Bench.CatchUp;

/// <summary>Shows what a catch-up read came to, to people and to machines.</summary>
internal sealed class CatchUpReport(CatchUpPlan plan, Uri endpoint, ServerFacts server, long records, IReadOnlyList<CatchUpRound> rounds)
{
    /// <summary>Writes tables.</summary>
    public void WriteText(Shell shell)
    {
        shell.OutText.WriteLine(
            $"GetRecords from TRIM_HORIZON: {Figures.Count(records)} records of {plan.RecordBytes.ToString(CultureInfo.InvariantCulture)} bytes, {StreamState.Shards(plan.Shards)}, {plan.Connections.ToString(CultureInfo.InvariantCulture)} connections; MB/s of record data");
        shell.OutText.WriteLine($"server {Connection.Name(endpoint)}: storage {server.Storage}, durability {server.Durability}, limits {server.Limits}, version {server.Version}");
        shell.OutText.WriteLine();
        Rounds().Write(shell);
        shell.OutText.WriteLine();
        Summary().Write(shell);
    }

    /// <summary>The same as one JSON document.</summary>
    public string Json() => JsonOutput.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("plan");
        writer.WriteNumber("records", records);
        writer.WriteNumber("recordBytes", plan.RecordBytes);
        writer.WriteNumber("shards", plan.Shards);
        writer.WriteNumber("connections", plan.Connections);
        writer.WriteEndObject();
        writer.WriteStartObject("server");
        writer.WriteString("endpoint", Connection.Name(endpoint));
        writer.WriteString("version", server.Version);
        writer.WriteString("storage", server.Storage);
        writer.WriteString("durability", server.Durability);
        writer.WriteString("limits", server.Limits);
        writer.WriteEndObject();
        writer.WriteStartArray("rounds");
        foreach (var round in rounds)
        {
            writer.WriteStartObject();
            writer.WriteString("target", round.Target);
            writer.WriteString("wire", CatchUpBench.NameOf(round.Codec));
            writer.WriteNumber("round", round.Number);
            writer.WriteNumber("bytesPerSecond", round.ByteRate);
            writer.WriteNumber("bodyBytes", round.Lap.BodyBytes);
            writer.WriteNumber("pages", round.Lap.Pages);
            writer.WriteNumber("pagesPerSecond", round.PageRate);
            writer.WriteStartObject("pageMilliseconds");
            writer.WriteNumber("p50", round.Lap.Latency.Percentile(50).TotalMilliseconds);
            writer.WriteNumber("p99", round.Lap.Latency.Percentile(99).TotalMilliseconds);
            writer.WriteNumber("max", round.Lap.Latency.Max.TotalMilliseconds);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        foreach (var (_, member, ratios) in Comparisons())
        {
            writer.WriteStartObject(member);
            writer.WriteNumber("min", ratios.Min);
            writer.WriteNumber("median", ratios.Median);
            writer.WriteNumber("max", ratios.Max);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });

    private TextTable Rounds()
    {
        var table = new TextTable(
            new Column("Target"), new Column("Wire"), new Column("Round", true), new Column("MB/s", true), new Column("Pages", true), new Column("Pages/s", true),
            new Column("p50 ms", true), new Column("p99 ms", true), new Column("max ms", true));
        foreach (var round in rounds)
        {
            table.Add(
                round.Target,
                CatchUpBench.NameOf(round.Codec),
                round.Number.ToString(CultureInfo.InvariantCulture),
                Figures.Rate(round.ByteRate / 1e6),
                Figures.Count(round.Lap.Pages),
                Figures.Rate(round.PageRate),
                Milliseconds(round.Lap.Latency.Percentile(50)),
                Milliseconds(round.Lap.Latency.Percentile(99)),
                Milliseconds(round.Lap.Latency.Max));
        }

        return table;
    }

    private TextTable Summary()
    {
        var table = new TextTable(new Column("MB/s"), new Column("min", true), new Column("median", true), new Column("max", true));
        foreach (var (target, codec) in rounds.Select(round => (round.Target, round.Codec)).Distinct())
        {
            var rates = Spread.Of(rounds.Where(round => round.Target == target && round.Codec == codec).Select(round => round.ByteRate / 1e6));
            table.Add($"{target}, {CatchUpBench.NameOf(codec)}", Figures.Rate(rates.Min), Figures.Rate(rates.Median), Figures.Rate(rates.Max));
        }

        foreach (var (title, _, ratios) in Comparisons())
            table.Add(title, Ratio(ratios.Min), Ratio(ratios.Median), Ratio(ratios.Max));
        return table;
    }

    private List<(string Title, string Member, Spread Ratios)> Comparisons()
    {
        var all = new List<(string Title, string Member, Spread Ratios)>();
        foreach (var codec in rounds.Where(round => round.Target == BenchReport.Baseline).Select(round => round.Codec).Distinct())
        {
            var ratios = Spread.Of(Ratios(round => round.Target != BenchReport.Baseline && round.Codec == codec, round => round.Target == BenchReport.Baseline && round.Codec == codec));
            var name = CatchUpBench.NameOf(codec);
            all.Add(($"ratio to {BenchReport.Baseline}, {name}", codec == WireCodec.Cbor ? "ratioToBaselineCbor" : "ratioToBaselineJson", ratios));
        }

        if (plan.Codecs.Count > 1)
        {
            all.Add(("cbor to json", "cborToJson", Spread.Of(Ratios(
                round => round.Target != BenchReport.Baseline && round.Codec == WireCodec.Cbor, round => round.Target != BenchReport.Baseline && round.Codec == WireCodec.Json))));
        }

        return all;
    }

    // Of the rates of two laps of the same round.
    private IEnumerable<double> Ratios(Func<CatchUpRound, bool> isMeasured, Func<CatchUpRound, bool> isReference) =>
        from measured in rounds.Where(isMeasured)
        from reference in rounds.Where(isReference)
        where reference.Number == measured.Number
        select measured.ByteRate / reference.ByteRate;

    private static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);
}
