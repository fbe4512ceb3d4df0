namespace Weir.Streams;

/// <summary>The time that retention deletes by: the clock's, but a jump forward counts only once it has lasted.</summary>
/// <remarks>
/// What is deleted does not come back when the clock does. So a clock that somebody sets forward by hours, or that a bad time server does,
/// is first watched for <see cref="Patience"/>: until then time goes on from where it was, at the pace of the machine's timestamps,
/// which nobody sets. A jump back counts at once, as it only delays deletions. At a start the clock is believed: there is nothing to
/// compare it with. Decided in docs/adr/0021-faults-and-clocks.md.
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed class RetentionClock
{
    /// <summary>How long a jump has to last. Time enough to notice a wrong clock and set it right; too short to fill a disk that has any room.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    // Less than this between two looks is drift and rounding, not a jump.
    private static readonly TimeSpan Noise = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _start;

    // How far the clock is ahead of the timestamps: constant while nobody sets it. What counts; what was seen last and has not yet
    // lasted; and since when that was seen. All guarded by _gate.
    private TimeSpan _trusted;
    private TimeSpan _candidate;
    private TimeSpan _candidateSince;

    /// <summary>Begins with what the clock shows now.</summary>
    public RetentionClock(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _trusted = _candidate = time.GetUtcNow() - DateTimeOffset.UnixEpoch;
    }

    /// <summary>The present time, whole milliseconds.</summary>
    /// <remarks>Asked at every sweep: a jump is noticed, and its hour begins, at the first call after it.</remarks>
    public DateTimeOffset Now()
    {
        lock (_gate)
        {
            var elapsed = _time.GetElapsedTime(_start);
            Look(_time.GetUtcNow() - DateTimeOffset.UnixEpoch - elapsed, elapsed);
            return DateTimeOffset.FromUnixTimeMilliseconds((_trusted + elapsed).Ticks / TimeSpan.TicksPerMillisecond);
        }
    }

    private void Look(TimeSpan ahead, TimeSpan elapsed)
    {
        // Back, or in step but for what clocks are off by: nothing can be deleted too early.
        if (ahead <= _trusted + Noise)
        {
            _trusted = _candidate = ahead;
            _candidateSince = elapsed;
            return;
        }

        // Another jump forward, or part of the way back: the new place has to last by itself. From the very first look of a jump on.
        if (_candidate <= _trusted + Noise || (ahead - _candidate).Duration() > Noise)
        {
            _candidateSince = elapsed;
            _candidate = ahead;
        }

        if (elapsed - _candidateSince >= Patience)
            _trusted = _candidate = ahead;
    }
}
