using Weir.Log;
using Weir.Model;

namespace Weir.Streams.Reading;

/// <summary>Turns sequence numbers that clients name into positions of a shard's log, and positions into numbers between two records.</summary>
/// <remarks>
/// Beside the numbers of records there are those that a subscription gives out to go on from: the last record's index with a later time.
/// They are above that record's number and below every other, so that neither AT nor AFTER repeats or skips a record.
/// </remarks>
public static class ShardPosition
{
    /// <summary>The index of the first record whose number is at or after <paramref name="number"/>, which need not be a record's.</summary>
    /// <remarks>Reads the record at that place, maybe from the disk.</remarks>
    /// <exception cref="ObjectDisposedException">The log was closed: its stream is being deleted.</exception>
    public static long At(IRecordLog log, Shard shard, SequenceNumber number) =>
        TimeOf(log, shard, number.Index)?.ToUnixTimeSeconds() < number.RecordSeconds ? After(number) : number.Index;

    /// <summary>The index of the first record whose number is after <paramref name="number"/>.</summary>
    /// <remarks>No number that was ever given out has a record's index and an earlier time, so its own record is never after it.</remarks>
    public static long After(SequenceNumber number) => number.Index == SequenceNumber.EndIndex ? number.Index : number.Index + 1;

    /// <summary>A number behind the record in front of a position, and before every record that is or will be there.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="nextIndex">The position: the index of the next record.</param>
    /// <param name="lastTime">The time of the record in front of it; of no account when there is none.</param>
    /// <param name="now">The number's own time, unless the record's is later.</param>
    public static SequenceNumber Between(Shard shard, long nextIndex, DateTimeOffset lastTime, DateTimeOffset now)
    {
        // Numbers tell time in seconds, so it takes a whole one more to be after the record.
        var time = (lastTime > now ? lastTime : now) + TimeSpan.FromSeconds(1);
        return shard.NumberOf(Math.Max(0, nextIndex - 1), time);
    }

    /// <summary>When the record with this index was accepted; null when there is none, or no more.</summary>
    internal static DateTimeOffset? TimeOf(IRecordLog log, Shard shard, long index)
    {
        if (index < 1)
            return null;
        using var frames = log.OpenReader(shard.Id.Number, index);
        return frames.TryRead(out var frame) && frame.FirstIndex == index ? frame.Time : null;
    }
}
