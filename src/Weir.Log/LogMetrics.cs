using System.Diagnostics.Metrics;

namespace Weir.Log;

/// <summary>What the log measures. No tag says which log: with thousands of streams that were a series for each.</summary>
internal sealed class LogMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Weir.Log";

    private readonly TimeProvider _time;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<long> _commitBytes;
    private readonly Counter<long> _queueFull;
    private readonly Counter<long> _storageFull;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _trimmed;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="time">For durations.</param>
    /// <param name="discardedBytes">Asked at each look.</param>
    public LogMetrics(IMeterFactory? meters, TimeProvider time, Func<long> discardedBytes)
    {
        _time = time;
        var meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _commitDuration = meter.CreateHistogram(
            "weir.log.commit.duration", "s", "Time of one group commit: encode, write and, by durability, fsync.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] });
        _commitBytes = meter.CreateHistogram(
            "weir.log.commit.size", "By", "Bytes of one group commit.", null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = [1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20] });
        _queueFull = meter.CreateCounter<long>("weir.log.queue_full", "{append}", "Appends refused because the queue held as many bytes as it may.");
        _storageFull = meter.CreateCounter<long>("weir.log.storage_full", "{commit}", "Commits refused because the disk was full.");
        _failures = meter.CreateCounter<long>("weir.log.failures", "{log}", "Logs that failed and take no appends until reopened.");
        _trimmed = meter.CreateCounter<long>("weir.log.segments.trimmed", "{segment}", "Segments that retention has deleted.");
        // A meter without a factory lives as long as the process, and with it whatever it asks: the whole store.
        if (meters is not null)
        {
            meter.CreateObservableUpDownCounter(
                "weir.log.discarded", discardedBytes, "By", "Bytes that were trimmed or deleted and still take room, which is given back over time.");
        }
    }

    /// <summary>For <see cref="Committed"/>.</summary>
    public long Now => _time.GetTimestamp();

    public void Committed(long startedAt, long bytes)
    {
        _commitDuration.Record(_time.GetElapsedTime(startedAt).TotalSeconds);
        _commitBytes.Record(bytes);
    }

    public void QueueFull() => _queueFull.Add(1);

    public void StorageFull() => _storageFull.Add(1);

    public void Trimmed() => _trimmed.Add(1);

    public void Failed() => _failures.Add(1);
}
