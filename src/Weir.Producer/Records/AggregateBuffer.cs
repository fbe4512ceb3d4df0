using System.Collections.Concurrent;
using Weir.Protocol.Aggregation;

namespace Weir.Producer.Records;

/// <summary>What an aggregate is gathered in: its bytes and the records that wait for its outcome. Pooled.</summary>
internal sealed class AggregateBuffer(int maxBytes)
{
    /// <summary>The bytes.</summary>
    public AggregatedRecordWriter Writer { get; } = new(maxBytes);

    /// <summary>The records, in order.</summary>
    public List<PendingRecord> Records { get; } = [];
}

/// <summary>Buffers that wait for their next use, without their bytes. Thread-safe.</summary>
internal sealed class AggregateBufferPool(int maxBytes)
{
    // Each keeps its tables, some tens of KB after an aggregate of many small records with keys of their own.
    private const int MaxIdle = 64;

    private readonly ConcurrentQueue<AggregateBuffer> _idle = new();

    /// <summary>Takes an empty one.</summary>
    public AggregateBuffer Rent() => _idle.TryDequeue(out var buffer) ? buffer : new AggregateBuffer(maxBytes);

    /// <summary>Takes one back, and returns its bytes to their pool.</summary>
    public void Return(AggregateBuffer buffer)
    {
        buffer.Writer.Dispose();
        buffer.Records.Clear();
        if (_idle.Count < MaxIdle)
            _idle.Enqueue(buffer);
    }
}
