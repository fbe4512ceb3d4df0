namespace Weir.Cli.Bench;

/// <summary>What became of a load that is more than a server can take. Not thread-safe.</summary>
internal sealed class OverloadResult
{
    /// <summary>How long was measured.</summary>
    public TimeSpan Measured { get; set; }

    /// <summary>Records that were due in that time, whether or not a connection was free to send them.</summary>
    public long Offered { get; set; }

    /// <summary>Records that were stored.</summary>
    public long Accepted { get; set; }

    /// <summary>Records that were refused, by the error's code: answers of the protocol.</summary>
    public SortedDictionary<string, long> Refused { get; } = new(StringComparer.Ordinal);

    /// <summary>What was no answer of the protocol: a broken connection, an answer that says no error. By what it was.</summary>
    public SortedDictionary<string, long> Broken { get; } = new(StringComparer.Ordinal);

    /// <summary>Records that no connection was free for: they have waited with their sender.</summary>
    public long Unsent => Math.Max(0, Offered - Accepted - Refused.Values.Sum());

    /// <summary>From sending a request to its answer, when any of its records were stored.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Stored records per second.</summary>
    public double Rate => Accepted / Measured.TotalSeconds;

    /// <summary>Adds what another connection saw.</summary>
    public void Add(OverloadResult other)
    {
        Accepted += other.Accepted;
        Latency.Add(other.Latency);
        foreach (var (code, count) in other.Refused)
            Count(Refused, code, count);
        foreach (var (what, count) in other.Broken)
            Count(Broken, what, count);
    }

    /// <summary>Counts something.</summary>
    public static void Count(SortedDictionary<string, long> counts, string name, long number) =>
        counts[name] = counts.GetValueOrDefault(name) + number;
}
