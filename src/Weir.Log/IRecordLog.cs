namespace Weir.Log;

/// <summary>
/// An ordered, durable sequence of opaque records for each of many shards. The log assigns each record its index in its shard:
/// 1, 2, 3, ... with possible gaps, never reused.
/// </summary>
/// <remarks>Thread-safe. Readers see a record only once it is durable at the configured level.</remarks>
public interface IRecordLog : IAsyncDisposable
{
    /// <summary>
    /// Appends the batch's blocks and completes when they are durable. Blocks succeed or are refused one by one:
    /// read <see cref="AppendBlock.Outcome"/> afterwards.
    /// </summary>
    /// <param name="batch">At most 64 MiB. Belongs to the log until the returned task completes, then to the caller again, who disposes it.</param>
    /// <exception cref="LogFailedException">An earlier write or fsync failed; the log takes nothing until it is reopened.</exception>
    /// <remarks>
    /// There is no cancellation: the call is past the point of no return when it returns. It never waits for room: a log whose
    /// queue is full refuses at once with <see cref="AppendOutcome.QueueFull"/>.
    /// </remarks>
    ValueTask AppendAsync(AppendBatch batch);

    /// <summary>
    /// Ends a shard: durable when the task completes; every later append to it is refused with <see cref="AppendOutcome.ShardClosed"/>.
    /// Closing a closed shard returns the same end again.
    /// </summary>
    /// <exception cref="LogFailedException">As for <see cref="AppendAsync"/>.</exception>
    /// <exception cref="StorageFullException">There is no room for the mark; nothing has changed.</exception>
    Task<ShardState> CloseShardAsync(int shard);

    /// <summary>What is known of a shard. A shard that was never written to is open and empty.</summary>
    ShardState GetShard(int shard);

    /// <summary>
    /// Waits until there is something new to learn of a shard: it has durable records at or after <paramref name="seenNextIndex"/>, or it
    /// has been closed. Completes at once when that is so already.
    /// </summary>
    /// <param name="shard">The shard; it need not have been written to.</param>
    /// <param name="seenNextIndex">Where the caller's reader stands: <see cref="ShardState.NextIndex"/> when it had read everything.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LogFailedException">The log has failed: nothing new will come. What is durable can still be read.</exception>
    /// <exception cref="ObjectDisposedException">The log was closed, before or during the wait.</exception>
    /// <remarks>A commit wakes each waiter of its shards at most once. Who does not wait costs an append nothing.</remarks>
    Task WaitForChangeAsync(int shard, long seenNextIndex, CancellationToken cancellationToken);

    /// <summary>Opens a reader on a shard at the first record whose index is at least <paramref name="fromIndex"/>.</summary>
    /// <remarks>Trimmed positions continue silently at the oldest record that remains.</remarks>
    ILogReader OpenReader(int shard, long fromIndex);

    /// <summary>Index of the first durable record whose time is at or after <paramref name="time"/>; one past the last record when there is none.</summary>
    long FindTime(int shard, DateTimeOffset time);

    /// <summary>Deletes whole segments in which every record is older than <paramref name="horizon"/>.</summary>
    /// <returns>The number of bytes given back.</returns>
    /// <remarks>Files are deleted on the calling thread, beside appends and reads, which do not wait for it.</remarks>
    Task<long> TrimAsync(DateTimeOffset horizon, CancellationToken cancellationToken);

    /// <summary>Bytes that the log occupies.</summary>
    long StoredBytes { get; }

    /// <summary>The failure that ended writing, or null while the log takes appends.</summary>
    Exception? Failure { get; }
}

/// <summary>State of a shard in its log, as of the durable watermark.</summary>
/// <param name="NextIndex">The index that lies after every durable record: a reader there sees only what comes later.</param>
/// <param name="ClosedAt">When the shard ended; null while it is open. Not before the time of its last record.</param>
public readonly record struct ShardState(long NextIndex, DateTimeOffset? ClosedAt);

/// <summary>Reads one shard forward, frame by frame.</summary>
/// <remarks>Not thread-safe: one reader, one caller. Reads block the calling thread when the bytes are not in memory.</remarks>
public interface ILogReader : IDisposable
{
    /// <summary>The next durable frame, or false when there is none yet. A later call may succeed.</summary>
    /// <param name="frame">Lent: valid until the next call on this reader or its disposal.</param>
    /// <exception cref="LogCorruptException">The frame's checksum or header does not match: never a wrong record.</exception>
    /// <exception cref="LogUnreadableException">The file is not there, or the disk fails. A later call may succeed.</exception>
    bool TryRead(out LogFrame frame);
}

/// <summary>Records of one shard that were made durable together: consecutive indexes, one time.</summary>
/// <param name="FirstIndex">Index of the first record in <paramref name="Records"/>, already at or after the reader's position.</param>
/// <param name="Count">Number of records.</param>
/// <param name="Time">When the records were accepted; never decreases along a shard.</param>
/// <param name="Records">The records, each a 4-byte little-endian length and that many bytes. Enumerate with <see cref="GetEnumerator"/>.</param>
public readonly record struct LogFrame(long FirstIndex, int Count, DateTimeOffset Time, ReadOnlyMemory<byte> Records)
{
    /// <summary>Enumerates the records without copying.</summary>
    public RecordEnumerator GetEnumerator() => new(Records);

    /// <summary>Walks the length-prefixed records of a frame.</summary>
    public struct RecordEnumerator(ReadOnlyMemory<byte> records)
    {
        private ReadOnlyMemory<byte> _rest = records;

        /// <summary>The present record's bytes; valid as long as the frame.</summary>
        public ReadOnlyMemory<byte> Current { get; private set; }

        /// <summary>Steps to the next record.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(_rest.Span);
            Current = _rest.Slice(sizeof(int), length);
            _rest = _rest[(sizeof(int) + length)..];
            return true;
        }
    }
}
