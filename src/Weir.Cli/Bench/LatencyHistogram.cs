using System.Numerics;

namespace Weir.Cli.Bench;

/// <summary>
/// Counts latencies in log-linear buckets, as HdrHistogram does: each power of two is parted into 128 equal buckets, so a value is
/// known to better than 1 %, whatever its size. Not thread-safe: each connection has its own, and they are added up at the end.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBucketBits = 7;
    private const int SubBuckets = 1 << SubBucketBits;

    // 2^42 ns is more than an hour; longer counts as that.
    private const int MaxBits = 42;

    /// <summary>The longest latency that is told apart.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromTicks((1L << MaxBits) / 100);

    private readonly long[] _counts = new long[(MaxBits - SubBucketBits + 1) * SubBuckets];
    private long _maxNanoseconds;

    /// <summary>Number of values.</summary>
    public long Count { get; private set; }

    /// <summary>The largest value, exactly.</summary>
    public TimeSpan Max => FromNanoseconds(_maxNanoseconds);

    /// <summary>Counts a value; negative ones count as 0.</summary>
    public void Add(TimeSpan latency)
    {
        var nanoseconds = Math.Clamp(latency.Ticks * 100, 0, (1L << MaxBits) - 1);
        _counts[IndexOf(nanoseconds)]++;
        _maxNanoseconds = Math.Max(_maxNanoseconds, nanoseconds);
        Count++;
    }

    /// <summary>Adds the values of another one.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        _maxNanoseconds = Math.Max(_maxNanoseconds, other._maxNanoseconds);
        Count += other.Count;
    }

    /// <summary>The smallest value that no less than the given part of all values reaches; never below the real one, nor 1 % above.</summary>
    /// <param name="percent">0 to 100.</param>
    public TimeSpan Percentile(double percent)
    {
        if (Count == 0)
            return TimeSpan.Zero;
        var rank = Math.Max(1, (long)Math.Ceiling(Count * (percent / 100)));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
                return FromNanoseconds(Math.Min(HighestIn(i), _maxNanoseconds));
        }

        return Max;
    }

    // Below 2 * 128 ns the bucket is the value; above, the top eight bits of the value choose it:
    //   index  0..255          256..383                384..511
    //   value  0..255, by 1    256..511, by 2          512..1023, by 4
    private static int IndexOf(long nanoseconds)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)nanoseconds | 1) - SubBucketBits);
        return (shift << SubBucketBits) + (int)(nanoseconds >> shift);
    }

    private static long HighestIn(int index)
    {
        var shift = Math.Max(0, (index >> SubBucketBits) - 1);
        var top = index - ((long)shift << SubBucketBits);
        return ((top + 1) << shift) - 1;
    }

    // Rounded up, so that the result is not below the value.
    private static TimeSpan FromNanoseconds(long nanoseconds) => TimeSpan.FromTicks((nanoseconds + 99) / 100);
}
