namespace Weir.Server.TestControls;

/// <summary>A timer of a <see cref="ControllableTimeProvider"/>.</summary>
/// <remarks>Thread-safe. Its callback runs in the execution context of whoever made it, unless that one suppressed the flow.</remarks>
internal sealed class ControllableTimer(ControllableTimeProvider owner, TimerCallback callback, object? state, long number) : ITimer
{
    // What the framework's timers take; more is an error there too.
    private static readonly TimeSpan LongestTime = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private readonly Lock _gate = new();

    // Guarded by _gate: callbacks that run now, and who waits for their end.
    private int _running;
    private TaskCompletionSource? _ended;

    /// <summary>Of two that are due at the same time the older one comes first.</summary>
    public static IComparer<ControllableTimer> ByDueTime { get; } = Comparer<ControllableTimer>.Create(
        static (one, other) => one.DueAt != other.DueAt ? one.DueAt.CompareTo(other.DueAt) : one.Number.CompareTo(other.Number));

    /// <summary>When it fires, by the clock's elapsed time. Belongs to the owner's lock, and changes only while the timer is out of the line.</summary>
    public TimeSpan DueAt { get; set; }

    /// <summary>How long after that it fires again; zero or less for once. Belongs to the owner's lock.</summary>
    public TimeSpan Period { get; set; }

    /// <summary>Whether it fires no more. Belongs to the owner's lock.</summary>
    public bool IsDisposed { get; set; }

    private long Number => number;

    /// <inheritdoc />
    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        return owner.Set(this, dueTime, period);
    }

    /// <summary>Runs the callback.</summary>
    public void Fire()
    {
        lock (_gate)
            _running++;
        try
        {
            if (_context is null)
                callback(state);
            else
                ExecutionContext.Run(_context, static self => ((ControllableTimer)self!).Call(), this);
        }
        finally
        {
            lock (_gate)
            {
                if (--_running == 0)
                    _ended?.TrySetResult();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => owner.Remove(this);

    /// <summary>Completes when no callback runs any more.</summary>
    public ValueTask DisposeAsync()
    {
        owner.Remove(this);
        lock (_gate)
        {
            if (_running == 0)
                return ValueTask.CompletedTask;
            _ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_ended.Task);
        }
    }

    private void Call() => callback(state);

    private static void Check(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan && (time < TimeSpan.Zero || time > LongestTime))
            throw new ArgumentOutOfRangeException(name, time, $"The time must be between zero and {LongestTime}, or infinite.");
    }
}
