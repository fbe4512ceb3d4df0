using System.Collections.Concurrent;

namespace Weir.Producer.Records;

/// <summary>Outgoing records, and buffers of aggregates, that wait for their next use, without their bytes. Thread-safe.</summary>
/// <param name="maxAggregateBytes">How large an aggregate becomes.</param>
internal sealed class OutgoingRecordPool(int maxAggregateBytes)
{
    // Some 2 MB. What comes back beyond it is left to the garbage collector.
    private const int MaxIdle = 16 * 1024;

    // Each keeps its tables, some tens of KB after an aggregate of many small records with keys of their own.
    private const int MaxIdleBuffers = 64;

    private readonly ConcurrentQueue<OutgoingRecord> _idle = new();
    private readonly ConcurrentQueue<AggregateBuffer> _idleBuffers = new();
    private int _count;

    /// <summary>Takes a record, which has nothing in it.</summary>
    public OutgoingRecord Rent()
    {
        if (!_idle.TryDequeue(out var record))
            return new OutgoingRecord(this);
        Interlocked.Decrement(ref _count);
        return record;
    }

    /// <summary>Takes an empty buffer.</summary>
    public AggregateBuffer RentBuffer() => _idleBuffers.TryDequeue(out var buffer) ? buffer : new AggregateBuffer(maxAggregateBytes);

    /// <summary>Takes a record back, which has nothing in it any more.</summary>
    public void Return(OutgoingRecord record)
    {
        if (Volatile.Read(ref _count) >= MaxIdle)
            return;
        Interlocked.Increment(ref _count);
        _idle.Enqueue(record);
    }

    /// <summary>Takes a buffer back, and returns its bytes to their pool.</summary>
    public void Return(AggregateBuffer buffer)
    {
        buffer.Writer.Dispose();
        buffer.Records.Clear();
        if (_idleBuffers.Count < MaxIdleBuffers)
            _idleBuffers.Enqueue(buffer);
    }
}
