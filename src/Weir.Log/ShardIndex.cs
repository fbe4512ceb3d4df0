using Weir.Log.Format;

namespace Weir.Log;

/// <summary>Everything a log knows of one shard: its state, and its runs from the oldest segment to the active one.</summary>
internal sealed class ShardIndex(int shard)
{
    private const long Open = long.MinValue;

    // Guards changes of the array of runs, which is replaced and never changed: the commit loop adds, retention removes.
    private readonly Lock _gate = new();
    private ShardRun[] _runs = [];

    // Written by the commit loop only, next index before closing time: who sees the shard closed sees its last index.
    private long _nextIndex = 1;
    private long _closedMs = Open;

    public int Shard { get; } = shard;

    /// <summary>The shard's place in the present <see cref="CommitPlan"/>, which alone uses it; -1 between commits.</summary>
    public int PlanSlot { get; set; } = -1;

    public long NextIndex => Volatile.Read(ref _nextIndex);

    /// <summary>When the shard ended; null while it is open.</summary>
    public long? ClosedMs => Volatile.Read(ref _closedMs) is var closed and not Open ? closed : null;

    public ShardState State
    {
        get
        {
            var closed = ClosedMs;
            return new ShardState(NextIndex, closed is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null);
        }
    }

    public ShardTableEntry TableEntry => new(Shard, NextIndex, ClosedMs);

    /// <summary>Makes records up to the index visible.</summary>
    public void Advance(long nextIndex)
    {
        Invariant.Check(nextIndex >= _nextIndex);
        Volatile.Write(ref _nextIndex, nextIndex);
    }

    public void Close(long closedMs) => Volatile.Write(ref _closedMs, closedMs);

    public void AddRun(ShardRun run)
    {
        lock (_gate)
            _runs = [.. _runs, run];
    }

    /// <summary>Puts the sealed run in the place of the active one.</summary>
    public void ReplaceRun(ShardRun active, ShardRun sealedRun)
    {
        lock (_gate)
            _runs = [.. _runs.Select(run => ReferenceEquals(run, active) ? sealedRun : run)];
    }

    public void RemoveRun(ShardRun trimmed)
    {
        lock (_gate)
            _runs = [.. _runs.Where(run => !ReferenceEquals(run, trimmed))];
    }

    /// <summary>The run that holds the index, or the first one after it; null when nothing at or after it is visible.</summary>
    public ShardRun? FindRun(long index) => FirstWhere(run => run.NextIndex > index);

    /// <summary>The run that holds the first record at or after the time; null when there is none.</summary>
    public ShardRun? FindRunByTime(long timeMs) => FirstWhere(run => run.LastTimeMs >= timeMs);

    private ShardRun? FirstWhere(Func<ShardRun, bool> reached)
    {
        var runs = Volatile.Read(ref _runs);
        int low = 0, high = runs.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (reached(runs[middle]))
                high = middle;
            else
                low = middle + 1;
        }

        return low < runs.Length ? runs[low] : null;
    }
}
