namespace Weir.Cli.Bench.Limits;

/// <summary>When records are due, for a load that is offered whether or not it is taken. Used by one task.</summary>
internal sealed class OfferPace(TimeProvider time, double perSecond, TimeSpan duration, CancellationToken stop)
{
    // Timers are a millisecond coarse; what is due by then goes at once.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);
    private const int ClockEvery = 64;

    private readonly long _start = time.GetTimestamp();
    private long _taken;
    private TimeSpan _now;

    /// <summary>Records that have become due.</summary>
    public long Due => (long)(Math.Min(_now.TotalSeconds, duration.TotalSeconds) * perSecond);

    /// <summary>Waits until the next record is due.</summary>
    /// <returns>False when the time is over.</returns>
    public async ValueTask<bool> NextAsync()
    {
        // The clock is looked at now and then: each time costs a tenth of a put.
        if (_taken % ClockEvery == 0 || _taken >= Due)
            _now = time.GetElapsedTime(_start);
        while (_taken >= Due && _now < duration && !stop.IsCancellationRequested)
        {
            await Task.Delay(Tick, time, CancellationToken.None).ConfigureAwait(false);
            _now = time.GetElapsedTime(_start);
        }

        _taken++;
        return _now < duration && !stop.IsCancellationRequested;
    }
}
