namespace Weir.Server.TestControls;

/// <summary>
/// A clock over the machine's own: it runs with it, stands still when it is frozen, and moves forward on request, firing the timers on
/// the way one after the other, each with the clock at its due time.
/// </summary>
/// <remarks>
/// A complete time provider: wall clock and timestamps move together, and a timer fires once it is due however that came about. The wall
/// clock follows the machine's while it runs, and neither ever goes back because of a freeze, a move or a resume. Thread-safe: each call
/// takes a lock for a few additions; callbacks run outside it, on the thread pool or, during a move, on the thread that moves.
/// </remarks>
internal sealed class ControllableTimeProvider : TimeProvider, IDisposable
{
    // The machine's timers count to 49 days; a due time beyond this is reached in several sleeps.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly TimeProvider _machine;
    private readonly Lock _gate = new();

    // Rings when the first of the armed timers is due. Never while the clock stands.
    private readonly ITimer _alarm;

    // All below is guarded by _gate. The clock stands while it is frozen or moves: then _elapsed and _utc are what it shows. While it
    // runs, _elapsed is what it showed when the machine's timestamp was _anchor, and its wall clock is the machine's and _ahead.
    private readonly SortedSet<ControllableTimer> _armed = new(ControllableTimer.ByDueTime);
    private bool _frozen;
    private bool _moving;
    private TimeSpan _elapsed;
    private DateTimeOffset _utc;
    private long _anchor;
    private TimeSpan _ahead;
    private long _timersCreated;

    /// <summary>A clock that runs, and shows what the machine's shows.</summary>
    public ControllableTimeProvider(TimeProvider machine)
    {
        _machine = machine;
        _anchor = machine.GetTimestamp();
        using (ExecutionContext.SuppressFlow())
            _alarm = machine.CreateTimer(static self => ((ControllableTimeProvider)self!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => _machine.LocalTimeZone;

    /// <summary>Whether the clock stands still until it is moved or resumed.</summary>
    public bool IsFrozen
    {
        get
        {
            lock (_gate)
                return _frozen;
        }
    }

    private bool Stands_NeedsLock => _frozen || _moving;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return Utc_NeedsLock();
    }

    /// <inheritdoc />
    public override long GetTimestamp()
    {
        lock (_gate)
            return Elapsed_NeedsLock().Ticks;
    }

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ControllableTimer(this, callback, state, Interlocked.Increment(ref _timersCreated));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Stops the clock.</summary>
    public void Freeze()
    {
        lock (_gate)
        {
            Stand_NeedsLock();
            _frozen = true;
            SetAlarm_NeedsLock();
        }
    }

    /// <summary>Lets the clock run again, from where it stands.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            if (!_frozen)
                return;
            _frozen = false;
            Run_NeedsLock();
        }
    }

    /// <summary>
    /// Moves the clock forward. It stands from the first timer to the last, and whether it stands afterwards depends on whether it was frozen.
    /// </summary>
    /// <param name="time">How far; not negative.</param>
    /// <param name="settle">
    /// Awaited at the start and after the timers of each instant, before the clock goes on: what they have set going gets its time to
    /// set timers of its own.
    /// </param>
    /// <remarks>One move at a time. An exception of a callback ends the move where it is.</remarks>
    public async Task MoveAsync(TimeSpan time, Func<Task> settle)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        TimeSpan target;
        lock (_gate)
        {
            if (_moving)
                throw new InvalidOperationException("The clock is being moved already.");
            Stand_NeedsLock();
            _moving = true;
            SetAlarm_NeedsLock();
            target = _elapsed + time;
        }

        try
        {
            // Also what is due at the present instant comes first.
            await settle().ConfigureAwait(false);
            while (FireNext(target))
                await settle().ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _moving = false;
                Run_NeedsLock();
            }
        }
    }

    /// <summary>No timer fires any more.</summary>
    public void Dispose() => _alarm.Dispose();

    /// <summary>Sets a timer, or takes it out of the line when it is due never.</summary>
    /// <returns>False when it was disposed.</returns>
    internal bool Set(ControllableTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            if (timer.IsDisposed)
                return false;
            _armed.Remove(timer);
            timer.Period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                timer.DueAt = Elapsed_NeedsLock() + dueTime;
                _armed.Add(timer);
            }

            SetAlarm_NeedsLock();
            return true;
        }
    }

    /// <summary>Takes a timer out of the line for ever.</summary>
    internal void Remove(ControllableTimer timer)
    {
        lock (_gate)
        {
            timer.IsDisposed = true;
            if (_armed.Remove(timer))
                SetAlarm_NeedsLock();
        }
    }

    // Steps to the next instant at which something is due, up to the target, and fires everything that is due then.
    private bool FireNext(TimeSpan target)
    {
        TimeSpan instant;
        lock (_gate)
        {
            var next = _armed.Min;
            instant = next is null || next.DueAt > target ? target : next.DueAt;
            if (instant > _elapsed)
                (_utc, _elapsed) = (_utc + (instant - _elapsed), instant);
            if (next is null || next.DueAt > target)
                return false;
        }

        while (TakeDue(moving: true) is { } timer)
            timer.Fire();
        return true;
    }

    // The alarm's callback; also after a timer was set that is due at once.
    private void Ring()
    {
        // Each on a thread of its own, as the machine's timers: a slow one holds up no other.
        while (TakeDue(moving: false) is { } timer)
            ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), timer, preferLocal: false);
        lock (_gate)
            SetAlarm_NeedsLock();
    }

    // While the clock moves only the move fires, so that each callback sees its own time.
    private ControllableTimer? TakeDue(bool moving)
    {
        lock (_gate)
        {
            var now = Elapsed_NeedsLock();
            if (_moving != moving || _armed.Min is not { } timer || timer.DueAt > now)
                return null;
            _armed.Remove(timer);
            if (timer.Period > TimeSpan.Zero)
            {
                // Periods that have passed while nobody came to fire it are not made up for.
                timer.DueAt += timer.Period * (1 + ((now - timer.DueAt).Ticks / timer.Period.Ticks));
                _armed.Add(timer);
            }

            return timer;
        }
    }

    private void SetAlarm_NeedsLock()
    {
        if (_moving || _armed.Min is not { } first)
        {
            _alarm.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        var sleep = first.DueAt - Elapsed_NeedsLock();
        // A frozen clock comes to nothing that is not due already.
        if (sleep > TimeSpan.Zero && _frozen)
            sleep = Timeout.InfiniteTimeSpan;
        else if (sleep <= TimeSpan.Zero)
            sleep = TimeSpan.Zero;
        else
            // Whole milliseconds, rounded up: the machine's timers cut off the rest and would ring too early.
            sleep = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(sleep.TotalMilliseconds, LongestSleep.TotalMilliseconds)));
        _alarm.Change(sleep, Timeout.InfiniteTimeSpan);
    }

    // Before the flag that makes it stand is set.
    private void Stand_NeedsLock()
    {
        if (!Stands_NeedsLock)
            (_elapsed, _utc) = (Elapsed_NeedsLock(), Utc_NeedsLock());
    }

    // After the flag that made it stand is taken back; the other one may be set still.
    private void Run_NeedsLock()
    {
        if (!Stands_NeedsLock)
            (_anchor, _ahead) = (_machine.GetTimestamp(), _utc - _machine.GetUtcNow());
        SetAlarm_NeedsLock();
    }

    private TimeSpan Elapsed_NeedsLock() => Stands_NeedsLock ? _elapsed : _elapsed + _machine.GetElapsedTime(_anchor);

    private DateTimeOffset Utc_NeedsLock() => Stands_NeedsLock ? _utc : _machine.GetUtcNow() + _ahead;
}
