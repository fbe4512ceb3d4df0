using Weir.Log.Format;

namespace Weir.Log;

/// <summary>
/// The frames of one shard in one segment. While the segment is active its index entries are in memory; once it is sealed they
/// are in the footer, and this object keeps only the summary.
/// </summary>
/// <remarks>The commit loop writes; readers read without a lock. <see cref="NextIndex"/> is the last field written: what lies below it is complete.</remarks>
internal sealed class ShardRun
{
    private const int FirstCapacity = 4;

    // Written by the commit loop only, in this order: entry, array, count, last time, next index.
    private IndexEntry[]? _entries;
    private int _count;
    private long _lastTimeMs;
    private long _nextIndex;

    /// <summary>An empty run of the active segment.</summary>
    public ShardRun(Segment segment, int shard, long firstIndex, long firstTimeMs)
    {
        (Segment, Shard, FirstIndex, FirstTimeMs) = (segment, shard, firstIndex, firstTimeMs);
        (_nextIndex, _lastTimeMs) = (firstIndex, firstTimeMs);
        _entries = new IndexEntry[FirstCapacity];
    }

    /// <summary>A run whose entries are in the segment's footer.</summary>
    public ShardRun(Segment segment, RunSummary summary)
    {
        (Segment, Shard, FirstIndex, FirstTimeMs) = (segment, summary.Shard, summary.FirstIndex, summary.FirstTimeMs);
        (_nextIndex, _lastTimeMs) = (summary.NextIndex, summary.LastTimeMs);
        (IndexOffset, _count) = (summary.IndexOffset, summary.Entries);
    }

    public Segment Segment { get; }

    public int Shard { get; }

    public long FirstIndex { get; }

    public long FirstTimeMs { get; }

    /// <summary>Where the index blocks begin in the file, when they are there.</summary>
    public long IndexOffset { get; }

    public long NextIndex => Volatile.Read(ref _nextIndex);

    public long LastTimeMs => Volatile.Read(ref _lastTimeMs);

    public int Count => Volatile.Read(ref _count);

    /// <summary>True when <see cref="Entries"/> has them; false when they are in the footer.</summary>
    public bool InMemory => _entries is not null;

    /// <summary>The entries that are complete by now.</summary>
    public ReadOnlySpan<IndexEntry> Entries
    {
        get
        {
            // Count before array: an array that came later holds at least as many.
            var count = Count;
            return Volatile.Read(ref _entries).AsSpan(0, count);
        }
    }

    /// <summary>For the commit loop and recovery: adds a frame, and makes it visible.</summary>
    public void Add(long fileOffset, int payloadBytes, long firstIndex, int records, long timeMs)
    {
        Invariant.Check(firstIndex == _nextIndex && timeMs >= _lastTimeMs && fileOffset % RecordFrame.Alignment == 0);
        var entry = new IndexEntry(
            checked((uint)(fileOffset / RecordFrame.Alignment)),
            payloadBytes,
            checked((uint)(firstIndex - FirstIndex)),
            checked((uint)(timeMs - FirstTimeMs)));
        var entries = _entries!;
        if (_count == entries.Length)
        {
            Array.Resize(ref entries, entries.Length * 2);
            Volatile.Write(ref _entries, entries);
        }

        entries[_count] = entry;
        Volatile.Write(ref _count, _count + 1);
        Volatile.Write(ref _lastTimeMs, timeMs);
        Volatile.Write(ref _nextIndex, firstIndex + records);
    }
}
