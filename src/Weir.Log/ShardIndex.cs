using Weir.Log.Format;

namespace Weir.Log;

/// <summary>Everything a log knows of one shard: its state, and its runs from the oldest segment to the active one.</summary>
internal sealed class ShardIndex(int shard)
{
    private const long Open = long.MinValue;

    // Guards changes: the commit loop adds and replaces the newest run, retention removes the oldest. Readers take the object as it is.
    private readonly Lock _gate = new();
    private Runs _runs = new([], 0, 0);

    // Written by the commit loop only, next index before closing time: who sees the shard closed sees its last index.
    private long _nextIndex = 1;
    private long _closedMs = Open;

    // Who waits for the next change of the two.
    private ShardWaiters _waiters;

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

    /// <summary>Completes at the next change of the state after this call. Take it before looking at the state.</summary>
    public Task NextChange() => _waiters.NextChange();

    /// <summary>Wakes those who wait for the shard. A full fence stands between the change and this call.</summary>
    public void Wake() => _waiters.Take()?.SetResult();

    public void AddRun(ShardRun run)
    {
        lock (_gate)
        {
            var runs = _runs;
            if (runs.End == runs.Items.Length)
                runs = runs.Moved();
            // Behind the end of every object that a reader may hold.
            runs.Items[runs.End] = run;
            Volatile.Write(ref _runs, runs with { End = runs.End + 1 });
        }
    }

    /// <summary>Puts the sealed run in the place of the active one. It holds the same frames, so a reader may see either.</summary>
    public void ReplaceNewestRun(ShardRun active, ShardRun sealedRun)
    {
        lock (_gate)
        {
            Invariant.Check(ReferenceEquals(_runs.Items[_runs.End - 1], active));
            Volatile.Write(ref _runs.Items[_runs.End - 1], sealedRun);
        }
    }

    public void RemoveOldestRun(ShardRun trimmed)
    {
        lock (_gate)
        {
            Invariant.Check(ReferenceEquals(_runs.Items[_runs.Start], trimmed));
            var runs = _runs with { Start = _runs.Start + 1 };
            // The trimmed half would never be collected otherwise.
            Volatile.Write(ref _runs, runs.Start * 2 > runs.Items.Length ? runs.Moved() : runs);
        }
    }

    /// <summary>The run that holds the index, or the first one after it; null when nothing at or after it is visible.</summary>
    public ShardRun? FindRun(long index) => FirstWhere(run => run.NextIndex > index);

    /// <summary>The run that holds the first record at or after the time; null when there is none.</summary>
    public ShardRun? FindRunByTime(long timeMs) => FirstWhere(run => run.LastTimeMs >= timeMs);

    private ShardRun? FirstWhere(Func<ShardRun, bool> reached)
    {
        var runs = Volatile.Read(ref _runs);
        int low = runs.Start, high = runs.End;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (reached(Volatile.Read(ref runs.Items[middle])))
                high = middle;
            else
                low = middle + 1;
        }

        return low < runs.End ? Volatile.Read(ref runs.Items[low]) : null;
    }

    /// <summary>The runs from start to end of an array, which is only written behind the end, or by replacing a run with its sealed self.</summary>
    private sealed record Runs(ShardRun[] Items, int Start, int End)
    {
        private const int MinCapacity = 4;

        /// <summary>The same runs at the start of a new array, with as much room again.</summary>
        public Runs Moved()
        {
            var count = End - Start;
            var items = new ShardRun[Math.Max(MinCapacity, count * 2)];
            Array.Copy(Items, Start, items, 0, count);
            return new Runs(items, 0, count);
        }
    }
}
