using Weir.Cli.Output;

namespace Weir.Cli.Demo;

/// <summary>The result in sentences, for somebody who knows nothing of it.</summary>
internal static class DemoStory
{
    /// <summary>What happened, in one paragraph.</summary>
    public static string Paragraph(DemoResult result)
    {
        var (figures, split) = (result.Figures, result.Split);
        var refused = figures.Refused == 0
            ? "no record was refused"
            : $"the limits refused {Figures.Count(figures.Refused)} times, and those records were sent again";
        return $"{Figures.Count(result.Rows)} requests to a language model, {result.EventTime.TotalMinutes:0} minutes of a real trace, went through a stream of "
            + $"{DemoRun.Shards} shards in {Figures.Time(result.Replayed)}, as JSON records under the keys of 100 tenants. Each was acknowledged after its "
            + $"{result.Durability}, under the limits of Kinesis: {refused}. A put took {LatencyFigures.Text(figures.Put.P50)} (p50), {LatencyFigures.Text(figures.Put.P99)} (p99). "
            + $"A record was processed {LatencyFigures.Text(figures.EndToEnd.P50)} (p50), {LatencyFigures.Text(figures.EndToEnd.P99)} (p99) after it was due, with five "
            + $"reads a second of each shard. After {Figures.Count(split.AcknowledgedBefore)} records the busiest shard, {split.Parent}, was split in the middle of its load "
            + $"within {LatencyFigures.Text(split.Took.TotalMilliseconds)} while records kept coming, and {string.Join(" and ", split.Children)} went on.";
    }

    /// <summary>How many answers of the audit are yes.</summary>
    public static string Verdict(DemoResult result)
    {
        var failed = result.Audit.Count(line => !line.Passed);
        return failed == 0
            ? $"The audit passed, after {Figures.Time(result.Took)} in all."
            : $"The audit FAILED in {failed} of {result.Audit.Count} points.";
    }

    /// <summary>Where the data stays, and how to look at it; null when it does not.</summary>
    public static string? Kept(DemoResult result) => result.Kept is null ? null
        : $"The data stays in {result.Kept}; `weir server --data {result.Kept}` serves it, and `weir tail {DemoRun.StreamName} --from trim-horizon` reads it.";
}
