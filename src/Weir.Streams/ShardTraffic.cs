namespace Weir.Streams;

/// <summary>What a shard has taken in since the server's start. Counts up only; whoever wants a rate looks twice.</summary>
/// <remarks>Thread-safe and lock-free. Two additions for the records of one put that go to the shard, whatever their number.</remarks>
public sealed class ShardTraffic
{
    // Added to by any put. The two are not read at one moment: a rate is off by one put at most.
    private long _records;
    private long _bytes;

    /// <summary>Records that became durable.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>Their bytes of data and partition keys.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Counts records that became durable.</summary>
    internal void Add(long records, long bytes)
    {
        Interlocked.Add(ref _records, records);
        Interlocked.Add(ref _bytes, bytes);
    }
}
