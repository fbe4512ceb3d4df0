namespace Weir.Producer.Tests.Faults;

/// <summary>A clock that runs faster than the machine's: waits of seconds take milliseconds, and come in their order.</summary>
internal sealed class ScaledTimeProvider(int speed) : TimeProvider
{
    private readonly long _start = System.GetTimestamp();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => (System.GetElapsedTime(_start) * speed).Ticks;

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero) + new TimeSpan(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Scaled(dueTime), Scaled(period)), Scaled);

    private TimeSpan Scaled(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / speed;

    private sealed class Timer(ITimer inner, Func<TimeSpan, TimeSpan> scaled) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(scaled(dueTime), scaled(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
