using Weir.Model;

namespace Weir.Streams.Throttling;

/// <summary>Admits or refuses puts, reads and iterators of one shard at the rates of Kinesis (spec sections 6.1 and 6.2).</summary>
/// <remarks>Thread-safe. Each call takes its lock for a few arithmetic operations only.</remarks>
public sealed class ShardThrottle
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    // All guarded by _gate.
    private TokenBucket _writeRecords;
    private TokenBucket _writeBytes;
    private TokenBucket _reads;
    private TokenBucket _readBytes;
    private TokenBucket _iterators;
    private long _readsPausedFrom;
    private bool _readsPaused;

    /// <summary>Starts with full buckets.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="maxRecordBytes">The stream's record limit: the byte bucket holds at least one such record.</param>
    public ShardThrottle(TimeProvider time, int maxRecordBytes)
    {
        _time = time;
        var now = time.GetTimestamp();
        _writeRecords = new TokenBucket(KinesisLimits.ShardWriteRecordsPerSecond, KinesisLimits.ShardWriteRecordsPerSecond, now);
        _writeBytes = new TokenBucket(WriteCapacity(maxRecordBytes), KinesisLimits.ShardWriteBytesPerSecond, now);
        _reads = new TokenBucket(KinesisLimits.ShardReadsPerSecond, KinesisLimits.ShardReadsPerSecond, now);
        _readBytes = new TokenBucket(KinesisLimits.ShardReadBytesPerSecond, KinesisLimits.ShardReadBytesPerSecond, now);
        _iterators = new TokenBucket(KinesisLimits.ShardIteratorsPerSecond, KinesisLimits.ShardIteratorsPerSecond, now);
    }

    /// <summary>Follows a change of the stream's record limit: the byte bucket holds at least one record of the new one.</summary>
    /// <remarks>What is in the bucket stays, up to the new capacity: a change gives no burst away.</remarks>
    public void SetMaxRecordBytes(int maxRecordBytes)
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            _writeBytes.Refill(now, _time);
            _writeBytes = _writeBytes.WithCapacity(WriteCapacity(maxRecordBytes));
        }
    }

    /// <summary>Admits one record when both the record and the byte bucket hold enough; takes from both or from neither.</summary>
    public bool TryWrite(int recordBytes)
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            _writeRecords.Refill(now, _time);
            _writeBytes.Refill(now, _time);
            if (_writeRecords.Tokens < 1 || _writeBytes.Tokens < recordBytes)
                return false;
            _writeRecords.Take(1);
            _writeBytes.Take(recordBytes);
            return true;
        }
    }

    /// <summary>Admits one GetRecords call when the byte balance is positive and no pause is on.</summary>
    public bool TryBeginRead()
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            if (_readsPaused && _time.GetElapsedTime(_readsPausedFrom, now) < KinesisLimits.FullReadPause)
                return false;
            _readsPaused = false;
            _reads.Refill(now, _time);
            _readBytes.Refill(now, _time);
            if (_reads.Tokens < 1 || _readBytes.Tokens <= 0)
                return false;
            _reads.Take(1);
            return true;
        }
    }

    /// <summary>Books what an admitted read returned; a response that hit the size cap pauses the shard's shared readers.</summary>
    public void EndRead(long bytes, bool hitCap)
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            _readBytes.Refill(now, _time);
            _readBytes.Take(bytes);
            if (!hitCap)
                return;
            _readsPaused = true;
            _readsPausedFrom = now;
        }
    }

    /// <summary>Admits one GetShardIterator call.</summary>
    public bool TryTakeIterator()
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            _iterators.Refill(now, _time);
            if (_iterators.Tokens < 1)
                return false;
            _iterators.Take(1);
            return true;
        }
    }

    private static int WriteCapacity(int maxRecordBytes) => Math.Max(KinesisLimits.ShardWriteBytesPerSecond, maxRecordBytes);
}
