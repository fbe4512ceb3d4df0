using System.Buffers;
using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>
/// Looks up index entries of one run, wherever they are: in memory while the segment is active, else in the footer, from where it
/// reads one block at a time and keeps the last one.
/// </summary>
/// <remarks>Not thread-safe. The caller holds the segment's lease when the entries are in the file.</remarks>
internal sealed class RunCursor(ShardRun run, ILogFile? file)
{
    private const int None = -1;

    private IndexEntry[] _block = [];
    private int _blockNumber = None;
    private int _blockCount;

    public ShardRun Run { get; } = run;

    public int Count => Run.Count;

    public IndexEntry this[int ordinal]
    {
        get
        {
            if (Run.InMemory)
                return Run.Entries[ordinal];
            Load(ordinal / IndexBlock.MaxEntries);
            return _block[ordinal % IndexBlock.MaxEntries];
        }
    }

    /// <summary>The entry when it costs no read.</summary>
    public bool TryPeek(int ordinal, out IndexEntry entry)
    {
        entry = default;
        if (ordinal >= Count || (!Run.InMemory && ordinal / IndexBlock.MaxEntries != _blockNumber))
            return false;
        entry = this[ordinal];
        return true;
    }

    /// <summary>Where a piece of the file ends that is worth one call: frames that lie close together, as far as they are known without a read.</summary>
    /// <param name="ordinal">Its first frame.</param>
    /// <param name="first">The entry of that.</param>
    /// <param name="maxBytes">Its length at most, unless the first frame alone is longer.</param>
    /// <param name="maxGap">Bytes of other shards that may lie between two of its frames.</param>
    /// <param name="next">The first frame behind it.</param>
    public long EndOfPiece(int ordinal, IndexEntry first, int maxBytes, int maxGap, out int next)
    {
        var end = first.FileOffset + first.FrameBytes;
        for (next = ordinal + 1; TryPeek(next, out var entry); next++)
        {
            if (entry.FileOffset - end > maxGap || entry.FileOffset + entry.FrameBytes - first.FileOffset > maxBytes)
                break;
            end = entry.FileOffset + entry.FrameBytes;
        }

        return end;
    }

    /// <summary>Number of the last frame that begins at or below the index; 0 when none does.</summary>
    public int FindIndex(long index) => Math.Max(0, FirstWhere(static (entry, delta) => entry.IndexDelta > delta, index - Run.FirstIndex) - 1);

    /// <summary>Number of the first frame at or after the time; the count when there is none.</summary>
    public int FindTime(long timeMs) => FirstWhere(static (entry, delta) => entry.TimeDeltaMs >= delta, timeMs - Run.FirstTimeMs);

    // Over the blocks first, by the first entry of each, then inside one: a long run costs a handful of reads.
    private int FirstWhere(Func<IndexEntry, long, bool> reached, long argument)
    {
        var count = Count;
        int low = 0, high = (count + IndexBlock.MaxEntries - 1) / IndexBlock.MaxEntries;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (reached(this[middle * IndexBlock.MaxEntries], argument))
                high = middle;
            else
                low = middle + 1;
        }

        if (low == 0)
            return 0;
        (low, high) = ((low - 1) * IndexBlock.MaxEntries, Math.Min(low * IndexBlock.MaxEntries, count));
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (reached(this[middle], argument))
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private void Load(int number)
    {
        if (number == _blockNumber)
            return;
        if (_block.Length == 0)
            _block = new IndexEntry[Math.Min(Count, IndexBlock.MaxEntries)];
        _blockNumber = None;
        _blockCount = IndexBlock.CountIn(Count, number);
        var bytes = IndexBlock.BytesOf(_blockCount);
        var offset = Run.IndexOffset + ((long)number * IndexBlock.MaxBytes);
        var rented = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            var block = rented.AsSpan(0, bytes);
            var read = Run.Segment.Read(file!, block, offset);
            if (read < bytes || !IndexBlock.TryRead(block, Run.Segment.Seed, Run.Shard, number, _block.AsSpan(0, _blockCount)))
            {
                throw new LogCorruptException(
                    Run.Segment.Path,
                    offset,
                    $"index block {number} of shard {Run.Shard} with a matching checksum",
                    read < bytes ? $"{read} bytes" : "another one");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        _blockNumber = number;
    }
}
