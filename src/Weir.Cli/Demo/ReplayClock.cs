namespace Weir.Cli.Demo;

/// <summary>Where the replay stands: event time runs a number of times as fast as the clock. Starts when made. Thread-safe.</summary>
internal sealed class ReplayClock(DateTime firstEvent, int speed, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    /// <summary>Since the replay began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>When after the beginning an event is due.</summary>
    public TimeSpan DueAt(DateTime eventTime) => (eventTime - firstEvent) / speed;
}
