using System.Globalization;
using Weir.Model;

namespace Weir.Protocol;

// GetShardIterator and GetRecords. Spec section 7.2.
public static partial class KinesisErrors
{
    /// <summary>
    /// The shard id cannot be understood, or a split or merge names a shard that there is none of. Spec section 7.2,
    /// GetShardIterator check 1, with the raw text; 7.5, SplitShard checks 1 (raw) and 4 (normalised).
    /// </summary>
    public static KinesisError ShardNotFound(string shard, StreamName stream) =>
        NotFound($"Could not find shard {shard} in stream {stream.Name} under account {stream.Account}.");

    /// <summary>
    /// The stream or the shard to read is missing or gone. Spec section 7.2, GetShardIterator check 2 and GetRecords check 4.
    /// </summary>
    public static KinesisError ShardNotFoundForRead(ShardId shard, StreamName stream) =>
        NotFound($"Shard {shard} in stream {stream.Name} under account {stream.Account} does not exist");

    /// <summary>
    /// The iterator type and StartingSequenceNumber contradict each other. Spec section 7.2, GetShardIterator checks 3.1 and 4.
    /// </summary>
    /// <param name="type">The type as requested.</param>
    /// <param name="withSequenceNumber">
    /// Whether the request has a StartingSequenceNumber: true for check 3.1, false for check 4.
    /// </param>
    public static KinesisError IteratorTypeContradictsNumber(string type, bool withSequenceNumber)
    {
        var and = withSequenceNumber ? "also a" : "no";
        return InvalidArgument(
            $"Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {type} and {and} StartingSequenceNumber.");
    }

    /// <summary>StartingSequenceNumber is no sequence number. Spec section 7.2, GetShardIterator check 3.2.</summary>
    public static KinesisError StartingSequenceNumberInvalid(string number, ShardId shard, StreamName stream) => InvalidArgument(
        $"StartingSequenceNumber {number} used in GetShardIterator on shard {shard} in stream {stream.Name} under account {stream.Account} is invalid.");

    /// <summary>StartingSequenceNumber belongs to another shard. Spec section 7.2, GetShardIterator check 3.3.</summary>
    /// <param name="encoded">The shard in the number.</param>
    /// <param name="used">The shard in the request.</param>
    public static KinesisError StartingSequenceNumberOfOtherShard(ShardId encoded, ShardId used) => InvalidArgument(
        $"Invalid StartingSequenceNumber. It encodes {encoded}, while it was used in a call to a shard with {used}");

    /// <summary>
    /// StartingSequenceNumber belongs to another stream's shard of that id. Spec section 7.2, GetShardIterator check 3.4.
    /// </summary>
    public static KinesisError StartingSequenceNumberOfOtherStream(string number, ShardId shard, StreamName stream) => InvalidArgument(
        $"StartingSequenceNumber {number} used in GetShardIterator on shard {shard} in stream {stream.Name} under account {stream.Account} is invalid because it did not come from this stream.");

    /// <summary>AT_TIMESTAMP without a timestamp. Spec section 7.2, GetShardIterator check 5.</summary>
    public static KinesisError TimestampMissing { get; } = InvalidArgument(
        $"Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.");

    /// <summary>AT_TIMESTAMP in the future. Spec section 7.2, GetShardIterator check 6.</summary>
    public static KinesisError TimestampInFuture(DateTimeOffset timestamp, DateTimeOffset now) => InvalidArgument(
        $"The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: {timestamp.ToUnixTimeMilliseconds()}, currentTimestampInMillis: {now.ToUnixTimeMilliseconds()}");

    /// <summary>The iterator is none of ours. Spec section 7.2, GetRecords check 1.</summary>
    public static KinesisError InvalidShardIterator { get; } = InvalidArgument($"Invalid ShardIterator.");

    /// <summary>The iterator is too old. Spec section 7.2, GetRecords check 2.</summary>
    public static KinesisError IteratorExpired(DateTimeOffset created, DateTimeOffset now) => new(
        ErrorCodes.ExpiredIterator,
        Text($"Iterator expired. The iterator was created at time {JavaDate(created)} while right now it is {JavaDate(now)} which is further in the future than the tolerated delay of {(long)KinesisLimits.ShardIteratorLifetime.TotalMilliseconds} milliseconds."));

    /// <summary>The StreamARN of GetRecords is not the iterator's. Spec section 7.2, GetRecords check 3; text ours.</summary>
    public static KinesisError IteratorOfOtherStream(string streamArn) =>
        InvalidArgument($"The ShardIterator does not belong to the stream {streamArn}.");

    /// <summary>A time as Java prints it: <c>Thu Jan 22 01:22:02 UTC 2015</c>.</summary>
    private static string JavaDate(DateTimeOffset time) =>
        time.UtcDateTime.ToString("ddd MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture);
}
