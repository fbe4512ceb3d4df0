using System.Collections.Concurrent;
using Weir.Model;

namespace Weir.Producer.Records;

/// <summary>Records that wait for their next use. Thread-safe.</summary>
/// <param name="maxIdle">How many may; what comes back beyond it is left to the garbage collector.</param>
internal sealed class PendingRecordPool(int maxIdle)
{
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
        if (Volatile.Read(ref _count) >= maxIdle)
            return;
        Interlocked.Increment(ref _count);
        _idle.Enqueue(record);
    }
}
