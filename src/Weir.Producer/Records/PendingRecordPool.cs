using System.Collections.Concurrent;
using Weir.Model;

namespace Weir.Producer.Records;

/// <summary>Records that wait for their next use. Thread-safe.</summary>
internal sealed class PendingRecordPool
{
    // Some 3 MB. What comes back beyond it is left to the garbage collector.
    private const int MaxIdle = 16 * 1024;

    private readonly ConcurrentQueue<PendingRecord> _idle = new();
    private int _count;

    /// <summary>Takes one, for a record that begins its way.</summary>
    public PendingRecord Rent(string partitionKey, HashKey? explicitHashKey, HashKey hashKey, int creditBytes, FlushEpoch epoch, IPutObserver? observer, int index)
    {
        if (_idle.TryDequeue(out var record))
            Interlocked.Decrement(ref _count);
        else
            record = new PendingRecord(this);
        record.Begin(partitionKey, explicitHashKey, hashKey, creditBytes, epoch, observer, index);
        return record;
    }

    /// <summary>Takes one back.</summary>
    public void Return(PendingRecord record)
    {
        if (Volatile.Read(ref _count) >= MaxIdle)
            return;
        Interlocked.Increment(ref _count);
        _idle.Enqueue(record);
    }
}
