namespace Weir.CrashTests.Mixed;

/// <summary>What is known of the server's clock, which the test moves: bounds on what it shows, from what it answered and what it was asked for.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ModelClock
{
    // No life of a server is longer: what the clock moves by itself between two looks.
    private static readonly TimeSpan Drift = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LeastRetention = TimeSpan.FromHours(24);

    private readonly Lock _gate = new();
    private DateTimeOffset _seen = DateTimeOffset.MinValue;
    private DateTimeOffset _furthest = DateTimeOffset.MinValue;

    /// <summary>The clock shows at least this, in the present life.</summary>
    public DateTimeOffset Seen
    {
        get
        {
            lock (_gate)
                return _seen;
        }
    }

    /// <summary>The furthest that the clock may ever have been.</summary>
    public DateTimeOffset Furthest
    {
        get
        {
            lock (_gate)
                return _furthest;
        }
    }

    /// <summary>What was put before this may have expired.</summary>
    public DateTimeOffset Horizon => Furthest + Drift - LeastRetention;

    /// <summary>The server answered with this time.</summary>
    public void See(DateTimeOffset now)
    {
        lock (_gate)
        {
            _seen = now;
            _furthest = now > _furthest ? now : _furthest;
        }
    }

    /// <summary>The server is about to be asked for this time, and may die over it.</summary>
    public void Ask(DateTimeOffset time)
    {
        lock (_gate)
            _furthest = time > _furthest ? time : _furthest;
    }
}
