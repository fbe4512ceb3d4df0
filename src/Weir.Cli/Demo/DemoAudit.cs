using Weir.Cli.Output;

namespace Weir.Cli.Demo;

/// <summary>One question of the audit and its answer.</summary>
/// <param name="Name">What was asked.</param>
/// <param name="Passed">Whether it is so.</param>
/// <param name="Detail">The figures, or the first thing that is wrong.</param>
internal sealed record AuditLine(string Name, bool Passed, string Detail);

/// <summary>Compares what was produced, stored and processed with the trace. A pure function: the same evidence gives the same answer.</summary>
internal static class DemoAudit
{
    // The split is asked for at the half; what was in flight then may move it a little.
    private const double EarliestSplit = 0.4, LatestSplit = 0.6;

    /// <summary>Answers every question.</summary>
    public static IReadOnlyList<AuditLine> Examine(AuditEvidence evidence) =>
    [
        Produced(evidence),
        Stored(evidence),
        Processed(evidence),
        Order(evidence),
        Windows(evidence),
        Split(evidence),
    ];

    private static AuditLine Produced(AuditEvidence evidence)
    {
        var fault = FaultOf(evidence.Rows, evidence.Produced.Select(record => record.Row), "acknowledged");
        return new AuditLine("produced", fault is null, fault ?? $"{Figures.Count(evidence.Rows)} rows acknowledged, each once");
    }

    private static AuditLine Stored(AuditEvidence evidence)
    {
        var fault = FaultOf(evidence.Rows, evidence.Stored.Select(record => record.Row), "stored") ?? Misplaced(evidence);
        var shards = evidence.Stored.Select(record => record.ShardId).Distinct().Count();
        return new AuditLine(
            "stored", fault is null, fault ?? $"{Figures.Count(evidence.Stored.Count)} read back from {shards} shards, each where acknowledged");
    }

    private static string? Misplaced(AuditEvidence evidence)
    {
        var stored = evidence.Stored.ToDictionary(record => record.Row);
        var wrong = evidence.Produced.FirstOrDefault(record =>
            !stored.TryGetValue(record.Row, out var found) || found.ShardId != record.ShardId || found.SequenceNumber != record.SequenceNumber);
        return wrong is null ? null : $"row {wrong.Row} is not in {wrong.ShardId} at {wrong.SequenceNumber}, where it was acknowledged";
    }

    private static AuditLine Processed(AuditEvidence evidence)
    {
        var fault = FaultOf(evidence.Rows, evidence.Processed.Select(record => record.Row), "processed");
        return new AuditLine("processed", fault is null, fault ?? $"{Figures.Count(evidence.Processed.Count)} records consumed, each once");
    }

    private static AuditLine Order(AuditEvidence evidence)
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var record in evidence.Processed)
        {
            if (last.TryGetValue(record.Key, out var before) && record.Row < before)
                return new AuditLine("order", Passed: false, $"{record.Key}: row {record.Row} was processed after row {before}");
            last[record.Key] = record.Row;
        }

        var across = KeysOf(evidence, [evidence.Split.Parent]).Intersect(KeysOf(evidence, evidence.Split.Children)).Count();
        return new AuditLine("order", across > 0, $"{last.Count} keys in order, {across} of them across the split");
    }

    private static IEnumerable<string> KeysOf(AuditEvidence evidence, IReadOnlyList<string> shards) =>
        evidence.Processed.Where(record => shards.Contains(record.ShardId)).Select(record => record.Key).Distinct();

    private static AuditLine Windows(AuditEvidence evidence)
    {
        var (actual, expected) = (evidence.Windows, evidence.ExpectedWindows);
        return actual == expected
            ? new AuditLine("windows", Passed: true, $"{actual.Count} windows, SHA-256 {Short(actual)} as of the trace")
            : new AuditLine(
                "windows",
                Passed: false,
                $"{actual.Count} windows with SHA-256 {Short(actual)}, but from the trace {expected.Count} with {Short(expected)}");
    }

    private static string Short(WindowsEvidence windows) => windows.Checksum[..12];

    private static AuditLine Split(AuditEvidence evidence)
    {
        var split = evidence.Split;
        var part = (double)split.AcknowledgedBefore / evidence.Rows;
        int[] counts = [.. split.Children.Select(child => evidence.Processed.Count(record => record.ShardId == child))];
        var parent = evidence.Processed.Count(record => record.ShardId == split.Parent);
        var passed = part is >= EarliestSplit and <= LatestSplit && parent > 0 && counts.Length == 2 && counts.All(count => count > 0);
        return new AuditLine(
            "split", passed, $"after {part:P0}; parent {Figures.Count(parent)}, children {string.Join(" and ", counts.Select(count => Figures.Count(count)))}");
    }

    /// <summary>The first thing that keeps a list of rows from being every row of the trace once; null when nothing does.</summary>
    private static string? FaultOf(int rows, IEnumerable<int> listed, string verb)
    {
        var seen = new int[rows + 1];
        var count = 0;
        foreach (var row in listed)
        {
            if (row < 1 || row > rows)
                return $"row {row} was {verb}, and the trace has no such row";
            seen[row]++;
            count++;
        }

        var missing = seen.Skip(1).Count(times => times == 0);
        if (missing > 0)
            return $"{Figures.Count(missing)} of {Figures.Count(rows)} rows not {verb}, the first is row {Array.IndexOf(seen, 0, 1)}";
        var twice = Array.FindIndex(seen, 1, times => times > 1);
        return twice < 0 ? null : $"{Figures.Count(count - rows)} rows {verb} more than once, the first is row {twice}";
    }
}
