using Weir.Model;

namespace Weir.Protocol.Records;

/// <summary>Writes the answer of PutRecords, entry by entry in the request's order.</summary>
/// <remarks>
/// Order of calls: <see cref="Begin"/>, one <see cref="Success"/> or <see cref="Failure"/> for each entry, <see cref="End"/>.
/// Allocates nothing per entry. Not thread-safe.
/// </remarks>
public interface IPutRecordsWriter
{
    /// <summary>Begins the answer.</summary>
    /// <param name="failedRecordCount">How many entries will be a <see cref="Failure"/>.</param>
    void Begin(int failedRecordCount);

    /// <summary>An entry whose record is durable.</summary>
    void Success(in SequenceNumber number, ShardId shard);

    /// <summary>An entry that was refused: of the error, code and text count.</summary>
    void Failure(KinesisError error);

    /// <summary>Ends the answer.</summary>
    /// <param name="encrypted">Whether the stream stores records encrypted.</param>
    void End(bool encrypted = false);
}
