using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.OnDemand;

/// <summary>The greatest write rate of an on-demand stream on each of the last 30 days, and when it is worth a write to the catalog.</summary>
/// <remarks>
/// A rate is in bytes per second. Records count as what they take of a shard: a thousand a second fill one as a MiB a second does, so a
/// stream of small records has a peak too. Not thread-safe: only the look whose turn it is touches it.
/// </remarks>
internal sealed class WritePeaks
{
    // A day that has begun counts to its end, and a peak for 30 whole days after it.
    private const int Days = 30;

    // A peak below is covered by the minimum of shards: nothing depends on it.
    private const long Smallest = KinesisLimits.OnDemandInitialShards * KinesisLimits.ShardWriteBytesPerSecond / 2;

    private readonly SortedDictionary<int, Peak> _byDay = [];

    /// <summary>Takes over what the catalog has.</summary>
    public WritePeaks(IEnumerable<WritePeakRow> stored)
    {
        foreach (var row in stored)
            _byDay[row.Day] = new Peak(row.BytesPerSecond, row.BytesPerSecond);
    }

    /// <summary>The first day that still counts on a day.</summary>
    public static int FirstDay(DateTimeOffset now) => DayOf(now) - Days;

    /// <summary>The greatest rate of the days that count; 0 when there was none worth noting.</summary>
    public long Highest(DateTimeOffset now)
    {
        var first = FirstDay(now);
        return _byDay.Where(peak => peak.Key >= first).Select(peak => peak.Value.BytesPerSecond).DefaultIfEmpty().Max();
    }

    /// <summary>Notes a rate that was measured.</summary>
    /// <returns>What to write to the catalog; null when it has that, or nearly.</returns>
    /// <remarks>
    /// Written at every rise by an eighth: a stream that grows from the smallest peak that counts to the most that a stream can take costs 75
    /// writes on that day, a steady one costs one, and a crash forgets an eighth at most.
    /// </remarks>
    public WritePeakRow? Note(ShardLoad measured, DateTimeOffset now)
    {
        var rate = (long)(measured.OfOneShard * KinesisLimits.ShardWriteBytesPerSecond);
        if (rate < Smallest)
            return null;
        var day = DayOf(now);
        foreach (var old in _byDay.Keys.Where(key => key < FirstDay(now)).ToList())
            _byDay.Remove(old);
        var peak = _byDay.GetValueOrDefault(day);
        if (rate <= peak.BytesPerSecond)
            return null;
        _byDay[day] = peak with { BytesPerSecond = rate };
        return rate > peak.Stored + (peak.Stored / 8) ? new WritePeakRow(day, rate) : null;
    }

    /// <summary>Notes that the catalog has a row.</summary>
    public void NoteStored(WritePeakRow row) => _byDay[row.Day] = _byDay.GetValueOrDefault(row.Day) with { Stored = row.BytesPerSecond };

    private static int DayOf(DateTimeOffset time) => (int)(time.ToUnixTimeSeconds() / 86_400);

    private readonly record struct Peak(long BytesPerSecond, long Stored);
}
