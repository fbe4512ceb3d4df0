using System.Buffers.Binary;

namespace Weir.Log;

/// <summary>Records of one block, in an array of their own: whoever reads them keeps them alive, whatever is trimmed.</summary>
internal sealed record MemoryFrame(long FirstIndex, int Count, long TimeMs, byte[] Records)
{
    // The object, its array's header and its place in the list.
    public const int OverheadBytes = 96;

    public long Cost => Records.Length + OverheadBytes;

    /// <summary>The frame from an index on.</summary>
    public LogFrame From(long index)
    {
        ReadOnlyMemory<byte> records = Records;
        for (var i = FirstIndex; i < index; i++)
            records = records[(sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(records.Span))..];
        return new LogFrame(index, Count - (int)(index - FirstIndex), DateTimeOffset.FromUnixTimeMilliseconds(TimeMs), records);
    }
}

/// <summary>A shard in memory: its frames from the oldest that remains.</summary>
/// <remarks>Not thread-safe: <see cref="MemoryLog"/> locks.</remarks>
internal sealed class MemoryShard
{
    private readonly List<MemoryFrame> _frames = [];

    // Frames before this are trimmed; the list is compacted when they are the larger part.
    private int _start;

    private ShardWaiters _waiters;

    public long NextIndex { get; private set; } = 1;

    public long? ClosedMs { get; set; }

    public ShardState State => new(NextIndex, ClosedMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null);

    /// <summary>Completes at the next change of the state.</summary>
    public Task NextChange() => _waiters.NextChange();

    /// <summary>Takes out those who wait, to be woken outside the lock; null when there are none.</summary>
    public TaskCompletionSource? TakeWaiters() => _waiters.Take();

    public void Add(MemoryFrame frame)
    {
        _frames.Add(frame);
        NextIndex = frame.FirstIndex + frame.Count;
    }

    public MemoryFrame? Find(long index) => FirstWhere(frame => frame.FirstIndex + frame.Count > index);

    public long FindTime(DateTimeOffset time) =>
        FirstWhere(frame => DateTimeOffset.FromUnixTimeMilliseconds(frame.TimeMs) >= time)?.FirstIndex ?? NextIndex;

    /// <summary>Drops what is older than the horizon.</summary>
    /// <returns>The bytes given back.</returns>
    public long Trim(long horizonMs)
    {
        var bytes = 0L;
        while (_start < _frames.Count && _frames[_start].TimeMs < horizonMs)
        {
            bytes += _frames[_start].Cost;
            _frames[_start++] = null!;
        }

        if (_start * 2 > _frames.Count)
        {
            _frames.RemoveRange(0, _start);
            _start = 0;
        }

        return bytes;
    }

    private MemoryFrame? FirstWhere(Func<MemoryFrame, bool> reached)
    {
        int low = _start, high = _frames.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (reached(_frames[middle]))
                high = middle;
            else
                low = middle + 1;
        }

        return low < _frames.Count ? _frames[low] : null;
    }
}
