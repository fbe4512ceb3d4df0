using Weir.Log;
using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams.Reading;

namespace Weir.Server.Operations;

/// <summary>Where reading starts, as GetShardIterator and SubscribeToShard let clients say it.</summary>
/// <param name="Type">One of the model's iterator types.</param>
/// <param name="Number">The sequence number, for two of them.</param>
/// <param name="Timestamp">The time, for one of them.</param>
internal readonly record struct ReadStart(string Type, string? Number, DateTimeOffset? Timestamp)
{
    /// <summary>Finds the index in the shard's log: checks 3 to 6 of GetShardIterator in spec section 7.2.</summary>
    /// <param name="name">The stream.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="log">The stream's log.</param>
    /// <param name="now">No time may be later.</param>
    /// <param name="index">The next record is the first with at least this index.</param>
    /// <returns>Null, or the first check that failed.</returns>
    /// <exception cref="ObjectDisposedException">The log was closed: the stream is being deleted.</exception>
    public KinesisError? Find(StreamName name, Streams.Shard shard, IRecordLog log, DateTimeOffset now, out long index)
    {
        index = 0;
        var bySequenceNumber = Type is ShardIteratorTypes.AtSequenceNumber or ShardIteratorTypes.AfterSequenceNumber;
        // AT_TIMESTAMP ignores a sequence number.
        if (Number is { } text && Type != ShardIteratorTypes.AtTimestamp)
        {
            if (!bySequenceNumber)
                return KinesisErrors.IteratorTypeContradictsNumber(Type, withSequenceNumber: true);
            if (CheckNumber(text, name, shard, out var number) is { } error)
                return error;
            index = Type == ShardIteratorTypes.AtSequenceNumber ? ShardPosition.At(log, shard, number) : ShardPosition.After(number);
            return null;
        }

        if (bySequenceNumber)
            return KinesisErrors.IteratorTypeContradictsNumber(Type, withSequenceNumber: false);
        switch (Type)
        {
            case ShardIteratorTypes.Latest:
                index = log.GetShard(shard.Id.Number).NextIndex;
                return null;
            case ShardIteratorTypes.AtTimestamp when Timestamp is null:
                return KinesisErrors.TimestampMissing;
            case ShardIteratorTypes.AtTimestamp when Timestamp > now:
                return KinesisErrors.TimestampInFuture(Timestamp.Value, now);
            case ShardIteratorTypes.AtTimestamp:
                index = log.FindTime(shard.Id.Number, Timestamp.Value);
                return null;
            default:
                return null;
        }
    }

    private static KinesisError? CheckNumber(string text, StreamName name, Streams.Shard shard, out SequenceNumber number)
    {
        var version = SequenceNumberText.Parse(text, out number);
        if (version == SequenceNumberVersion.Invalid)
            return KinesisErrors.StartingSequenceNumberInvalid(text, shard.Id, name);
        if (number.Shard != shard.Id)
            return KinesisErrors.StartingSequenceNumberOfOtherShard(number.Shard, shard.Id);
        return version != SequenceNumberVersion.V2 || number.CreatedSeconds != shard.CreatedSeconds
            ? KinesisErrors.StartingSequenceNumberOfOtherStream(text, shard.Id, name)
            : null;
    }
}
