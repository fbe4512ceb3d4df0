using Weir.Producer.Pacing;

namespace Weir.Producer.Records;

/// <summary>
/// How much may be accepted for one shard at a time: what it takes in <see cref="ProducerOptions.MaxShardBacklog"/>, at its present pace. So a shard
/// that is offered too much holds back its own callers, neither letting records expire in the queue nor using up the credit of all.
/// </summary>
/// <remarks>Used under the lock of the <see cref="ByteCredit"/>, which is the one that asks.</remarks>
/// <param name="pace">The shard's rates; there are some.</param>
/// <param name="backlog">The time.</param>
/// <param name="countsRecords">Whether each user record is one of the shard's: then its rate of records counts as well.</param>
internal sealed class ShardCredit(ShardPace pace, TimeSpan backlog, bool countsRecords)
{
    private long _bytes;
    private long _records;

    /// <summary>Records that wait for room, in the order of their calls.</summary>
    public WaitingRecords Waiting { get; } = new();

    /// <summary>Whether a record may come in, apart from those that wait: at least one always may.</summary>
    public bool HasRoomFor(PendingRecord record) =>
        _records == 0 || (_bytes + SizeOf(record) <= pace.BytesIn(backlog) && (!countsRecords || _records < pace.RecordsIn(backlog)));

    /// <summary>Counts a record in.</summary>
    public void Enter(PendingRecord record)
    {
        record.Shard = this;
        _bytes += SizeOf(record);
        _records++;
    }

    /// <summary>Counts records out that have their outcomes, or were given up.</summary>
    /// <param name="creditBytes">What they took of the credit.</param>
    /// <param name="records">How many they are.</param>
    public void Exit(long creditBytes, int records)
    {
        _bytes -= creditBytes - (records * (long)ProducerOptions.RecordOverheadBytes);
        _records -= records;
    }

    // The overhead is the producer's and not the shard's.
    private static int SizeOf(PendingRecord record) => record.CreditBytes - ProducerOptions.RecordOverheadBytes;
}
