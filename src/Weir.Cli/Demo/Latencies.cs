namespace Weir.Cli.Demo;

/// <summary>Every latency of a run, for its percentiles. One per record at most, so the trace is the bound. Thread-safe.</summary>
internal sealed class Latencies
{
    private readonly Lock _lock = new();
    private readonly List<double> _milliseconds = [];

    /// <summary>Adds one, as often as it was met.</summary>
    public void Add(TimeSpan latency)
    {
        lock (_lock)
            _milliseconds.Add(latency.TotalMilliseconds);
    }

    /// <summary>The middle and the 99th percentile so far; zeros when there is nothing yet.</summary>
    public LatencyFigures Figures()
    {
        double[] sorted;
        lock (_lock)
            sorted = [.. _milliseconds];
        if (sorted.Length == 0)
            return default;
        Array.Sort(sorted);
        return new LatencyFigures(NearestRank.Of<double>(sorted, 50), NearestRank.Of<double>(sorted, 99));
    }
}

/// <summary>Percentiles in milliseconds.</summary>
internal readonly record struct LatencyFigures(double P50, double P99)
{
    /// <summary>One latency as people read it.</summary>
    public static string Text(double milliseconds) => milliseconds < 10 ? $"{milliseconds:0.0} ms" : $"{milliseconds:N0} ms";
}
