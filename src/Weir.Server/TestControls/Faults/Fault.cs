namespace Weir.Server.TestControls.Faults;

/// <summary>A fault at work: counts what matches, and decides what it hits.</summary>
/// <remarks>
/// <para>Thread-safe.</para>
/// <para>
/// The matching requests are numbered 1, 2, 3... in the order in which they come to the fault. Whether number n is hit depends on the seed
/// and n, and on nothing else: so one client that sends the same requests one after the other sees the same failures each time. Of
/// requests that are under way at the same time the order is theirs; the hit numbers are the same, but which request gets one is not.
/// </para>
/// </remarks>
internal sealed class Fault(long id, FaultDefinition definition)
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private long _matched;
    private long _fired;

    /// <summary>Its number; never used again.</summary>
    public long Id => id;

    /// <summary>What was asked for.</summary>
    public FaultDefinition Definition => definition;

    /// <summary>How many requests (entries, subscriptions) it has looked at, and how many it has hit.</summary>
    public (long Matched, long Fired) Counts
    {
        get
        {
            lock (_gate)
                return (_matched, _fired);
        }
    }

    /// <summary>Counts one that matches.</summary>
    /// <param name="number">Its number.</param>
    /// <returns>Whether it is hit.</returns>
    public bool Decide(out long number)
    {
        lock (_gate)
        {
            number = ++_matched;
            if (number <= definition.Skip || _fired >= definition.Count || Draw(definition.Seed, number) >= definition.Rate)
                return false;
            _fired++;
            return true;
        }
    }

    /// <summary>How long the request of a number waits, for a latency.</summary>
    public TimeSpan LatencyOf(long number) =>
        definition.MinLatency + ((definition.MaxLatency - definition.MinLatency) * Draw(~definition.Seed, number));

    /// <summary>A number from 0 to below 1, as if by chance, the same for the same seed and number: SplitMix64.</summary>
    internal static double Draw(long seed, long number)
    {
        var mixed = unchecked((ulong)seed + ((ulong)number * 0x9E3779B97F4A7C15));
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        // The upper 53 bits: as many as a double holds.
        return (mixed >> 11) * (1.0 / (1L << 53));
    }
}
