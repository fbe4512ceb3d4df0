using Weir.Model;

namespace Weir.Streams.OnDemand;

/// <summary>What a shard takes in: a rate of bytes and one of records.</summary>
/// <param name="BytesPerSecond">Data and partition keys.</param>
/// <param name="RecordsPerSecond">Records.</param>
internal readonly record struct ShardLoad(double BytesPerSecond, double RecordsPerSecond)
{
    /// <summary>The part that is used of what one shard may take, by the limit that is nearer: 0 and up, 1 at the limit.</summary>
    public double OfOneShard => Math.Max(
        BytesPerSecond / KinesisLimits.ShardWriteBytesPerSecond, RecordsPerSecond / KinesisLimits.ShardWriteRecordsPerSecond);

    /// <summary>What each half of a split begins with; nobody knows better before they are measured.</summary>
    public ShardLoad Half => new(BytesPerSecond / 2, RecordsPerSecond / 2);

    public static ShardLoad operator +(ShardLoad one, ShardLoad other) =>
        new(one.BytesPerSecond + other.BytesPerSecond, one.RecordsPerSecond + other.RecordsPerSecond);

    /// <summary>The exponentially weighted moving average after another measurement.</summary>
    /// <param name="measured">The mean rate since the last measurement.</param>
    /// <param name="elapsed">How long that was; late measurements weigh more, so that the average depends on time and not on how often somebody looks.</param>
    /// <param name="window">After so long, 63 % of the average is what came since.</param>
    public ShardLoad After(ShardLoad measured, TimeSpan elapsed, TimeSpan window)
    {
        var weight = 1 - Math.Exp(-elapsed / window);
        return new(
            BytesPerSecond + (weight * (measured.BytesPerSecond - BytesPerSecond)),
            RecordsPerSecond + (weight * (measured.RecordsPerSecond - RecordsPerSecond)));
    }
}
