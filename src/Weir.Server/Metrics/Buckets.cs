using System.Diagnostics.Metrics;

namespace Weir.Server.Metrics;

/// <summary>Where the buckets of our distributions lie. Each costs a line per series and scrape, so they are few.</summary>
internal static class Buckets
{
    /// <summary>Time of a call in milliseconds: from a put in memory to a disk that hangs.</summary>
    public static InstrumentAdvice<double> CallMilliseconds { get; } = Advice<double>(0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000);

    /// <summary>Age of records in milliseconds: caught up, behind by a poll, by minutes, and near the end of the shortest and the default retention.</summary>
    public static InstrumentAdvice<long> AgeMilliseconds { get; } =
        Advice<long>(0, 250, 1000, 5000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000);

    /// <summary>The same for each shard, of which there may be thousands.</summary>
    public static InstrumentAdvice<long> ShardAgeMilliseconds { get; } = Advice<long>(0, 1000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000);

    /// <summary>Time of a request in seconds.</summary>
    public static InstrumentAdvice<double> RequestSeconds { get; } =
        Advice<double>(0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30);

    private static InstrumentAdvice<T> Advice<T>(params T[] bounds)
        where T : struct => new() { HistogramBucketBoundaries = bounds };
}
