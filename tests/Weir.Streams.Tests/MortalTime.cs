namespace Weir.Streams.Tests;

/// <summary>The time of one engine: the fixture's, until the engine is dropped. Then its timers never fire, as those of a process that is gone.</summary>
internal sealed class MortalTime(TimeProvider inner) : TimeProvider
{
    private volatile bool _dead;

    public override long TimestampFrequency => inner.TimestampFrequency;

    public void Die() => _dead = true;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(
        alive =>
        {
            if (!_dead)
                callback(alive);
        },
        state, dueTime, period);
}
