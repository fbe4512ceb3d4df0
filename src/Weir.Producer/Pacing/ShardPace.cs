using Weir.Model;

namespace Weir.Producer.Pacing;

/// <summary>
/// How fast a producer sends to one shard: token buckets of bytes and records at a part of the shard's rates, and less of them after the
/// service has throttled, for other producers want their part too. Belongs to the send loop, apart from what is said to be thread-safe.
/// </summary>
/// <remarks>
/// The buckets hold half a second. The service's hold a whole one, so a producer alone at 100 % is not throttled although its
/// requests take now more and now less time; the other half of the service's bucket stays for that.
/// </remarks>
internal sealed class ShardPace
{
    // Each throttle takes a sixth of the rate, not oftener than every quarter of a second; a tenth of the full rate comes back every second.
    private const double Decrease = 5.0 / 6, IncreasePerSecond = 0.1, Least = 0.05;
    private const double BucketSeconds = 0.5;

    private static readonly TimeSpan ThrottleInterval = TimeSpan.FromMilliseconds(250);

    private readonly double _bytesPerSecond;
    private readonly double _recordsPerSecond;
    private double _bytes;
    private double _records;

    // Written by the send loop, read by anyone.
    private double _part = 1;

    private TimeSpan _filledAt;
    private TimeSpan _throttledAt = TimeSpan.MinValue;

    /// <param name="percent">Of the shard's rates; 0 means no pacing.</param>
    /// <param name="now">The time.</param>
    public ShardPace(int percent, TimeSpan now)
    {
        _bytesPerSecond = KinesisLimits.ShardWriteBytesPerSecond / 100.0 * percent;
        _recordsPerSecond = KinesisLimits.ShardWriteRecordsPerSecond / 100.0 * percent;
        _bytes = _bytesPerSecond * BucketSeconds;
        _records = _recordsPerSecond * BucketSeconds;
        _filledAt = now;
    }

    /// <summary>Not to be sent to before: the service has throttled.</summary>
    public TimeSpan BlockedUntil { get; private set; } = TimeSpan.MinValue;

    /// <summary>The part of its rates that is used at present, 0.05 to 1.</summary>
    public double Part => Volatile.Read(ref _part);

    /// <summary>Bytes that go in that time at the present part of the rate. Thread-safe.</summary>
    public double BytesIn(TimeSpan time) => _bytesPerSecond * Part * time.TotalSeconds;

    /// <summary>Records that go in that time at the present part of the rate. Thread-safe.</summary>
    public double RecordsIn(TimeSpan time) => _recordsPerSecond * Part * time.TotalSeconds;

    private bool IsUnlimited => _bytesPerSecond == 0;

    /// <summary>How long until that much may be sent; zero when it may go now.</summary>
    /// <remarks>A record larger than the bucket waits until the bucket is full, and empties it below zero.</remarks>
    public TimeSpan WaitFor(int records, long bytes, TimeSpan now)
    {
        if (now < BlockedUntil)
            return BlockedUntil - now;
        if (IsUnlimited)
            return TimeSpan.Zero;
        Fill(now);
        var seconds = Math.Max(
            (Math.Min(bytes, _bytesPerSecond * BucketSeconds) - _bytes) / (_bytesPerSecond * _part),
            (Math.Min(records, _recordsPerSecond * BucketSeconds) - _records) / (_recordsPerSecond * _part));
        return seconds <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(seconds);
    }

    /// <summary>Counts what is sent.</summary>
    public void Take(int records, long bytes)
    {
        if (IsUnlimited)
            return;
        _records -= records;
        _bytes -= bytes;
    }

    /// <summary>The service has refused a record of the shard for its rates.</summary>
    /// <param name="now">The time.</param>
    /// <param name="pause">How long nothing is sent there.</param>
    public void Throttled(TimeSpan now, TimeSpan pause)
    {
        Fill(now);
        if (now + pause > BlockedUntil)
            BlockedUntil = now + pause;
        if (_throttledAt != TimeSpan.MinValue && now - _throttledAt < ThrottleInterval)
            return;
        _throttledAt = now;
        Volatile.Write(ref _part, Math.Max(Least, _part * Decrease));
    }

    private void Fill(TimeSpan now)
    {
        var seconds = (now - _filledAt).TotalSeconds;
        if (seconds <= 0)
            return;
        _filledAt = now;
        _bytes = Math.Min(_bytesPerSecond * BucketSeconds, _bytes + (_bytesPerSecond * _part * seconds));
        _records = Math.Min(_recordsPerSecond * BucketSeconds, _records + (_recordsPerSecond * _part * seconds));
        Volatile.Write(ref _part, Math.Min(1, _part + (IncreasePerSecond * seconds)));
    }
}
