using System.Globalization;
using System.Text.Json;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Output;

namespace Weir.Cli.Bench.Limits;

/// <summary>Shows what <c>weir bench limits</c> found.</summary>
internal sealed class LimitsReport(LimitsPlan plan, Uri endpoint, ServerFacts server, IReadOnlyList<LimitsResult> results)
{
    /// <summary>Writes tables.</summary>
    public void WriteText(Shell shell)
    {
        shell.OutText.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{StreamState.Shards(plan.Shards)} for {Figures.Time(plan.Duration)}: {Figures.Rate(plan.OfferedPerSecond)} user records/s of {plan.RecordBytes} bytes are due, {plan.Times} times what the shards take; credit {Figures.Bytes(plan.CreditBytes)}, when full: {plan.WhenFull.ToString().ToLowerInvariant()}, pace {plan.RateLimitPercent} %{(plan.KeepOrder ? ", in order" : "")}"));
        shell.OutText.WriteLine($"server {Connection.Name(endpoint)}: storage {server.Storage}, durability {server.Durability}, limits {server.Limits}, version {server.Version}");
        shell.OutText.WriteLine();
        var table = new TextTable(
            new Column("Way"), new Column("Taken", true), new Column("of the shards'", true), new Column("Attempts", true), new Column("throttled", true),
            new Column("p50 ms", true), new Column("p99 ms", true), new Column("Credit used", true), new Column("Memory", true));
        foreach (var result in results)
        {
            table.Add(
                result.Way, Figures.Bytes(result.Stored.Bytes / plan.Duration.TotalSeconds) + "/s", Percent(result.Stored.Part), Figures.Count(result.Attempts), Percent(ThrottledPart(result)),
                Milliseconds(result.Latency.Percentile(50)), Milliseconds(result.Latency.Percentile(99)), result.PeakCreditBytes == 0 ? "" : Figures.Bytes(result.PeakCreditBytes), Figures.Bytes(result.PeakResidentBytes));
        }

        table.Write(shell);
        shell.OutText.WriteLine();
        var balances = new TextTable(
            new Column("User records"), new Column("Due", true), new Column("offered", true), new Column("stored", true), new Column("failed", true), new Column("no outcome", true),
            new Column("missing", true), new Column("twice", true), new Column("failed, but there", true));
        foreach (var result in results)
        {
            var balance = result.Balance;
            balances.Add(
                result.Way, Figures.Count(result.Due), Figures.Count(balance.Offered), Figures.Count(balance.Stored), Figures.Count(balance.Failed), Figures.Count(balance.WithoutOutcome),
                Figures.Count(balance.Missing), Figures.Count(balance.Repeated), Figures.Count(balance.Unreported));
        }

        balances.Write(shell);
        foreach (var result in results.Where(result => result.Failures.Count > 0))
            shell.OutText.WriteLine($"{result.Way}: {string.Join(", ", result.Failures.Select(failure => $"{Figures.Count(failure.Value)} failed with {failure.Key}"))}");
    }

    /// <summary>The same as one JSON document.</summary>
    public string Json() => JsonOutput.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("shards", plan.Shards);
        writer.WriteNumber("recordBytes", plan.RecordBytes);
        writer.WriteNumber("times", plan.Times);
        writer.WriteNumber("durationSeconds", plan.Duration.TotalSeconds);
        writer.WriteNumber("creditBytes", plan.CreditBytes);
        writer.WriteString("whenFull", plan.WhenFull.ToString());
        writer.WriteNumber("rateLimitPercent", plan.RateLimitPercent);
        writer.WriteBoolean("keepOrder", plan.KeepOrder);
        writer.WriteString("limits", server.Limits);
        writer.WriteStartArray("ways");
        foreach (var result in results)
            Write(writer, result);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private void Write(Utf8JsonWriter writer, LimitsResult result)
    {
        writer.WriteStartObject();
        writer.WriteString("way", result.Way);
        writer.WriteNumber("takenBytesPerSecond", result.Stored.Bytes / plan.Duration.TotalSeconds);
        writer.WriteNumber("takenRecordsPerSecond", result.Stored.Records / plan.Duration.TotalSeconds);
        writer.WriteNumber("partOfAllowed", result.Stored.Part);
        writer.WriteNumber("attempts", result.Attempts);
        writer.WriteNumber("throttledAttempts", result.Throttled);
        writer.WriteNumber("p50Milliseconds", result.Latency.Percentile(50).TotalMilliseconds);
        writer.WriteNumber("p99Milliseconds", result.Latency.Percentile(99).TotalMilliseconds);
        writer.WriteNumber("peakCreditBytes", result.PeakCreditBytes);
        writer.WriteNumber("peakResidentBytes", result.PeakResidentBytes);
        writer.WriteNumber("due", result.Due);
        writer.WriteNumber("offered", result.Balance.Offered);
        writer.WriteNumber("stored", result.Balance.Stored);
        writer.WriteNumber("failed", result.Balance.Failed);
        writer.WriteNumber("withoutOutcome", result.Balance.WithoutOutcome);
        writer.WriteNumber("missing", result.Balance.Missing);
        writer.WriteNumber("repeated", result.Balance.Repeated);
        writer.WriteNumber("unreported", result.Balance.Unreported);
        writer.WriteNumber("foreign", result.Balance.Foreign);
        writer.WriteStartObject("failures");
        foreach (var (why, count) in result.Failures)
            writer.WriteNumber(why, count);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static double ThrottledPart(LimitsResult result) => result.Attempts == 0 ? 0 : (double)result.Throttled / result.Attempts;

    private static string Percent(double part) => part.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);
}
