using System.Globalization;
using System.Text.Json;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Output;
using Weir.Protocol.Wire;

namespace Weir.Cli.Bench;

/// <summary>A measured round.</summary>
/// <param name="Target"><c>weir</c>, <c>server</c> for one that is none, <c>baseline</c> or <c>device</c>.</param>
/// <param name="Number">From 1.</param>
/// <param name="Result">What was counted.</param>
internal sealed record BenchRound(string Target, int Number, LoadResult Result);

/// <summary>Shows what was measured, to people and to machines.</summary>
internal sealed class BenchReport(LoadPlan plan, Uri endpoint, int shards, ServerFacts server, IReadOnlyList<BenchRound> rounds)
{
    /// <summary>The endpoint that only parses and answers, or the same server without what is compared.</summary>
    public const string Baseline = "baseline";

    /// <summary>The same bytes written and synced without any server.</summary>
    public const string Device = "device";

    private static readonly string[] References = [Baseline, Device];

    /// <summary>Writes tables.</summary>
    public void WriteText(Shell shell)
    {
        shell.OutText.WriteLine(
            $"{(plan.Batch == 1 ? "PutRecord" : string.Create(CultureInfo.InvariantCulture, $"PutRecords of {plan.Batch}"))}, {plan.RecordBytes} bytes a record, {plan.Keys} keys, {StreamState.Shards(shards)}, {plan.Connections} connections, {WireName}{(plan.KeyId is null ? "" : ", encrypted")}");
        shell.OutText.WriteLine(plan.IsOpenLoop
            ? $"open loop: {Figures.Count(plan.RecordsPerSecond)} records/s are due; latency counts from the moment a request was due"
            : "closed loop: each connection sends when it has its answer; latency shows no queueing");
        shell.OutText.WriteLine($"server {Connection.Name(endpoint)}: storage {server.Storage}, durability {server.Durability}, limits {server.Limits}, version {server.Version}");
        shell.OutText.WriteLine();
        Rounds().Write(shell);
        if (Ratios() is { } ratios)
        {
            shell.OutText.WriteLine();
            ratios.Write(shell);
        }

        foreach (var warning in Warnings())
            shell.OutText.WriteLine(warning);
    }

    /// <summary>The same as one JSON document.</summary>
    public string Json() => JsonOutput.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("plan");
        writer.WriteString("operation", plan.Batch == 1 ? "PutRecord" : "PutRecords");
        writer.WriteNumber("batch", plan.Batch);
        writer.WriteString("wire", WireName);
        writer.WriteNumber("recordBytes", plan.RecordBytes);
        writer.WriteNumber("keys", plan.Keys);
        writer.WriteNumber("shards", shards);
        writer.WriteBoolean("encrypted", plan.KeyId is not null);
        writer.WriteNumber("connections", plan.Connections);
        writer.WriteNumber("recordsPerSecond", plan.RecordsPerSecond);
        writer.WriteString("loop", plan.IsOpenLoop ? "open" : "closed");
        writer.WriteNumber("durationSeconds", plan.Duration.TotalSeconds);
        writer.WriteNumber("warmupSeconds", plan.Warmup.TotalSeconds);
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
            WriteRound(writer, round);
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

    private string WireName => plan.Codec == WireCodec.Cbor ? "cbor" : "json";

    private static void WriteRound(Utf8JsonWriter writer, BenchRound round)
    {
        var result = round.Result;
        writer.WriteStartObject();
        writer.WriteString("target", round.Target);
        writer.WriteNumber("round", round.Number);
        writer.WriteNumber("requestsPerSecond", result.RequestRate);
        writer.WriteNumber("recordsPerSecond", result.RecordRate);
        writer.WriteNumber("bytesPerSecond", result.ByteRate);
        writer.WriteStartObject("latencyMilliseconds");
        writer.WriteNumber("p50", result.Latency.Percentile(50).TotalMilliseconds);
        writer.WriteNumber("p99", result.Latency.Percentile(99).TotalMilliseconds);
        writer.WriteNumber("p99.9", result.Latency.Percentile(99.9).TotalMilliseconds);
        writer.WriteNumber("max", result.Latency.Max.TotalMilliseconds);
        writer.WriteEndObject();
        writer.WriteNumber("throttledRecords", result.Throttled);
        writer.WriteNumber("errors", result.Errors);
        writer.WriteNumber("neverSent", result.NeverSent);
        writer.WriteEndObject();
    }

    private TextTable Rounds()
    {
        var table = new TextTable(
            new Column("Target"),
            new Column("Round", true),
            new Column("Requests/s", true),
            new Column("Records/s", true),
            new Column("MB/s", true),
            new Column("p50 ms", true),
            new Column("p99 ms", true),
            new Column("p99.9 ms", true),
            new Column("max ms", true),
            new Column("Throttled", true),
            new Column("Errors", true));
        foreach (var (target, number, result) in rounds)
        {
            table.Add(
                target,
                number.ToString(CultureInfo.InvariantCulture),
                Figures.Rate(result.RequestRate),
                Figures.Rate(result.RecordRate),
                Figures.Rate(result.ByteRate / 1e6),
                Milliseconds(result.Latency.Percentile(50)),
                Milliseconds(result.Latency.Percentile(99)),
                Milliseconds(result.Latency.Percentile(99.9)),
                Milliseconds(result.Latency.Max),
                Figures.Count(result.Throttled),
                Figures.Count(result.Errors));
        }

        return table;
    }

    private TextTable? Ratios()
    {
        var comparisons = Comparisons();
        if (comparisons.Count == 0)
            return null;
        // Against a disk there are bytes to compare, against a server requests too; where both are there, bytes are what they share.
        var byBytes = rounds.Any(round => round.Target == Device);
        var table = new TextTable(new Column(byBytes ? "MB/s" : "Records/s"), new Column("min", true), new Column("median", true), new Column("max", true));
        foreach (var target in rounds.Select(round => round.Target).Distinct())
        {
            var rates = Spread.Of(rounds.Where(round => round.Target == target)
                .Select(round => byBytes ? round.Result.ByteRate / 1e6 : round.Result.RecordRate));
            table.Add(target, Figures.Rate(rates.Min), Figures.Rate(rates.Median), Figures.Rate(rates.Max));
        }

        foreach (var (title, _, ratios) in comparisons)
            table.Add(title, Ratio(ratios.Min), Ratio(ratios.Median), Ratio(ratios.Max));
        return table;
    }

    // Each with its name for people and its name for machines; only those that something was measured for.
    private List<(string Title, string Member, Spread Ratios)> Comparisons()
    {
        var all = new List<(string Title, string Member, Spread Ratios)>();
        Add($"ratio to {Baseline}", "ratioToBaseline", Baseline);
        Add($"ratio to {Device}", "ratioToDevice", Device);
        if (all.Count == References.Length)
            Add("ratio to the lower", "ratioToLower", References);
        return all;

        void Add(string title, string member, params string[] references)
        {
            var ratios = RatiosByRound(references).ToList();
            if (ratios.Count > 0)
                all.Add((title, member, Spread.Of(ratios)));
        }
    }

    // Of each round to the slower of the references in the same round.
    private IEnumerable<double> RatiosByRound(string[] references) =>
        from round in rounds
        where !References.Contains(round.Target)
        let reference = rounds.Where(other => references.Contains(other.Target) && other.Number == round.Number && other.Result.Bytes > 0)
            .MinBy(other => other.Result.ByteRate)
        where reference is not null
        select round.Result.ByteRate / reference.Result.ByteRate;

    private IEnumerable<string> Warnings()
    {
        // A few are always due at the very end.
        var neverSent = rounds.Sum(round => round.Result.NeverSent);
        if (neverSent > rounds.Sum(round => round.Result.Requests) / 100)
            yield return $"{Figures.Count(neverSent)} requests were due and never sent: the load is more than was kept up with, and the latencies leave these out.";
        if (rounds.Select(round => round.Result.LastError).FirstOrDefault(error => error is not null) is { } error)
            yield return $"last error: {error}";
    }

    private static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString(time < TimeSpan.FromMilliseconds(100) ? "0.00" : "0", CultureInfo.InvariantCulture);
}
