namespace Weir.Cli.Put;

/// <summary>What was put so far. Thread-safe.</summary>
internal sealed class PutTotals
{
    private long _records;
    private long _bytes;
    private long _resent;

    /// <summary>Records that the server acknowledged.</summary>
    public long Records => Volatile.Read(ref _records);

    /// <summary>Their data and keys.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>How often a refused record was sent again.</summary>
    public long Resent => Volatile.Read(ref _resent);

    /// <summary>Counts an acknowledged record.</summary>
    public void Stored(InputRecord record)
    {
        Interlocked.Increment(ref _records);
        Interlocked.Add(ref _bytes, record.Size);
    }

    /// <summary>Counts records that go again.</summary>
    public void AddResent(int count) => Interlocked.Add(ref _resent, count);
}
