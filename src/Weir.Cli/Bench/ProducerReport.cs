using System.Globalization;
using System.Text.Json;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Output;

namespace Weir.Cli.Bench;

/// <summary>A measured round of a producer.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Result">What it came to.</param>
internal sealed record ProducerRound(int Number, ProducerResult Result);

/// <summary>Shows aggregated puts beside puts one by one, with and without a producer.</summary>
internal sealed class ProducerReport(LoadPlan plan, Uri endpoint, int shards, ServerFacts server, IReadOnlyList<ProducerRound> rounds)
{
    /// <summary>PutRecords of 500 without a producer.</summary>
    public const string Plain = "PutRecords";

    /// <summary>User records share records.</summary>
    public const string Aggregated = "aggregated";

    /// <summary>Each user record is an entry of a PutRecords.</summary>
    public const string OneByOne = "one by one";

    private static readonly (string Way, string Member)[] Comparisons = [(Plain, "aggregatedToPutRecords"), (OneByOne, "aggregatedToOneByOne")];

    /// <summary>Writes tables.</summary>
    public void WriteText(Shell shell)
    {
        shell.OutText.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"producer, {plan.RecordBytes} bytes a user record, {plan.Keys} keys, {StreamState.Shards(shards)}, {(plan.Codec == Protocol.Wire.WireCodec.Cbor ? "cbor" : "json")}"));
        shell.OutText.WriteLine($"server {Connection.Name(endpoint)}: storage {server.Storage}, durability {server.Durability}, limits {server.Limits}, version {server.Version}");
        shell.OutText.WriteLine();
        var table = new TextTable(
            new Column("Way"), new Column("Round", true), new Column("User records/s", true), new Column("MB/s", true), new Column("In a record", true), new Column("p50 ms", true),
            new Column("p99 ms", true), new Column("Throttled", true), new Column("Failed", true), new Column("Allocated bytes", true));
        foreach (var (number, result) in rounds)
        {
            table.Add(
                result.Way, number.ToString(CultureInfo.InvariantCulture), Figures.Rate(result.RecordRate), Figures.Rate(result.ByteRate / 1e6),
                Ratio(result.Stored, result.KinesisRecords), Milliseconds(result.Latency.Percentile(50)), Milliseconds(result.Latency.Percentile(99)),
                Percent(result.Throttled, result.Attempts), Figures.Count(result.Failed), Ratio(result.AllocatedBytes, result.Stored));
        }

        table.Write(shell);
        shell.OutText.WriteLine();
        foreach (var (way, _) in Comparisons)
        {
            if (Comparison(way) is { } ratios)
            {
                shell.OutText.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{Aggregated} to {way}, user records/s: {ratios.Min:0.00} / {ratios.Median:0.00} / {ratios.Max:0.00} (min / median / max)"));
            }
        }
    }

    /// <summary>The same as one JSON document.</summary>
    public string Json() => JsonOutput.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("recordBytes", plan.RecordBytes);
        writer.WriteNumber("keys", plan.Keys);
        writer.WriteNumber("shards", shards);
        writer.WriteString("limits", server.Limits);
        writer.WriteStartArray("rounds");
        foreach (var (number, result) in rounds)
            WriteRound(writer, number, result);
        writer.WriteEndArray();
        foreach (var (way, member) in Comparisons)
        {
            if (Comparison(way) is not { } ratios)
                continue;
            writer.WriteStartObject(member);
            writer.WriteNumber("min", ratios.Min);
            writer.WriteNumber("median", ratios.Median);
            writer.WriteNumber("max", ratios.Max);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });

    private static void WriteRound(Utf8JsonWriter writer, int number, ProducerResult result)
    {
        writer.WriteStartObject();
        writer.WriteString("way", result.Way);
        writer.WriteNumber("round", number);
        writer.WriteNumber("userRecordsPerSecond", result.RecordRate);
        writer.WriteNumber("bytesPerSecond", result.ByteRate);
        writer.WriteNumber("kinesisRecords", result.KinesisRecords);
        writer.WriteNumber("stored", result.Stored);
        writer.WriteNumber("failed", result.Failed);
        writer.WriteNumber("attempts", result.Attempts);
        writer.WriteNumber("throttledAttempts", result.Throttled);
        writer.WriteNumber("p50Milliseconds", result.Latency.Percentile(50).TotalMilliseconds);
        writer.WriteNumber("p99Milliseconds", result.Latency.Percentile(99).TotalMilliseconds);
        writer.WriteNumber("allocatedBytes", result.AllocatedBytes);
        writer.WriteNumber("residentBytes", result.ResidentBytes);
        writer.WriteEndObject();
    }

    private Spread? Comparison(string way)
    {
        var ratios = rounds.GroupBy(round => round.Number)
            .Select(round => (
                Aggregated: round.FirstOrDefault(one => one.Result.Way == Aggregated)?.Result.RecordRate,
                Other: round.FirstOrDefault(one => one.Result.Way == way)?.Result.RecordRate))
            .Where(pair => pair is { Aggregated: not null, Other: > 0 })
            .Select(pair => pair.Aggregated!.Value / pair.Other!.Value)
            .ToList();
        return ratios.Count == 0 ? null : Spread.Of(ratios);
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Ratio(long of, long to) => to == 0 ? "-" : ((double)of / to).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Percent(long part, long whole) => whole == 0 ? "-" : (100.0 * part / whole).ToString("0.00", CultureInfo.InvariantCulture) + " %";
}
