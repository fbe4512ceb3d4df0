namespace Weir.Producer;

/// <summary>The producer's time: what has passed since it was made. Never goes back. Thread-safe.</summary>
internal sealed class ProducerClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>Now.</summary>
    public TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Where timers come from.</summary>
    public TimeProvider Provider => time;
}
