namespace Weir.Server.Metrics;

/// <summary>What was measured of one instrument under one set of tags.</summary>
/// <remarks>Thread-safe: written by every request, read by whoever collects. What is read is never older than the read began.</remarks>
internal abstract class Series(TagSet tags)
{
    /// <summary>The tags.</summary>
    public TagSet Tags => tags;

    /// <summary>The collection that saw the series last. Only for instruments that are asked; written under the collection's lock.</summary>
    public long SeenIn { get; set; }
}

/// <summary>A sum, or the last value.</summary>
internal sealed class ValueSeries(TagSet tags) : Series(tags)
{
    // Counts are whole numbers and stay exact; an instrument uses one of the two. By Interlocked only.
    private long _whole;
    private double _real;

    /// <summary>The whole part of the value; all of it for instruments of whole numbers.</summary>
    public long Whole => Interlocked.Read(ref _whole);

    /// <summary>The value of an instrument of real numbers, else 0.</summary>
    public double Real => Volatile.Read(ref _real);

    public void Add(long change) => Interlocked.Add(ref _whole, change);

    public void Add(double change) => RealSum.Add(ref _real, change);

    public void Set(long value) => Interlocked.Exchange(ref _whole, value);

    public void Set(double value) => Volatile.Write(ref _real, value);
}

/// <summary>How often values fell between bounds, and their sum.</summary>
internal sealed class DistributionSeries(TagSet tags, double[] bounds) : Series(tags)
{
    // Invariant: one more than bounds; the last counts what lies above all of them. By Interlocked only.
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    /// <summary>Upper bounds, inclusive, rising.</summary>
    public ReadOnlySpan<double> Bounds => bounds;

    /// <summary>Sum of all values.</summary>
    public double Sum => Volatile.Read(ref _sum);

    /// <summary>How many values lie above the bound before <paramref name="bucket"/> and not above its own.</summary>
    public long CountIn(int bucket) => Interlocked.Read(ref _counts[bucket]);

    public void Record(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
            bucket++;
        Interlocked.Increment(ref _counts[bucket]);
        RealSum.Add(ref _sum, value);
    }
}

/// <summary>Adds to a real number that others add to as well.</summary>
internal static class RealSum
{
    public static void Add(ref double sum, double change)
    {
        var seen = Volatile.Read(ref sum);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref sum, seen + change, seen);
            // Bits and not values: a sum that is no number equals nothing.
            if (BitConverter.DoubleToInt64Bits(before) == BitConverter.DoubleToInt64Bits(seen))
                return;
            seen = before;
        }
    }
}
