using Weir.Model;
using Weir.Protocol.Messages;

namespace Weir.Protocol.Records;

/// <summary>
/// Writes the records of a GetRecords answer, or of a subscription's event, while they are being read from the log.
/// </summary>
/// <remarks>
/// Order of calls: <see cref="Begin"/>, any number of <see cref="Record"/>, then one of the ends. Allocates nothing per record.
/// Everything given is copied before a method returns. Not thread-safe.
/// </remarks>
public interface IRecordsWriter
{
    /// <summary>Begins the answer.</summary>
    void Begin();

    /// <summary>Writes one record.</summary>
    /// <param name="number">Its sequence number.</param>
    /// <param name="arrival">When it was accepted.</param>
    /// <param name="data">Its data.</param>
    /// <param name="partitionKey">Its partition key in well-formed UTF-8; empty when it has none.</param>
    /// <param name="encrypted">
    /// Whether it was stored encrypted. An unencrypted record names no encryption at all (spec section 5.3).
    /// </param>
    void Record(
        in SequenceNumber number,
        DateTimeOffset arrival,
        ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> partitionKey,
        bool encrypted = false);

    /// <summary>Ends the answer of GetRecords.</summary>
    /// <param name="nextShardIterator">Where reading goes on, or null at the end of a closed shard.</param>
    /// <param name="millisBehindLatest">How far behind the tip the reader is, in milliseconds.</param>
    /// <param name="childShards">
    /// The shards that follow: given exactly when <paramref name="nextShardIterator"/> is null (spec section 5.6).
    /// </param>
    void End(string? nextShardIterator, long millisBehindLatest, IReadOnlyList<ChildShard>? childShards);

    /// <summary>Ends an event of SubscribeToShard.</summary>
    /// <param name="continuation">The position after the event, or null at the end of a closed shard.</param>
    /// <param name="millisBehindLatest">How far behind the tip the event is, in milliseconds.</param>
    /// <param name="childShards">
    /// The shards that follow: given exactly when <paramref name="continuation"/> is null (spec section 7.6).
    /// </param>
    void EndEvent(SequenceNumber? continuation, long millisBehindLatest, IReadOnlyList<ChildShard>? childShards);
}
