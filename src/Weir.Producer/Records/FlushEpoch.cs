namespace Weir.Producer.Records;

/// <summary>The records that were put between two flushes, so that a flush knows when all before it have their outcomes. Thread-safe.</summary>
internal sealed class FlushEpoch
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Its records, one for being open, and one for the epoch before.
    private int _count;

    // Set when it is closed, before its count can come to zero.
    private FlushEpoch? _next;

    private FlushEpoch(int count)
    {
        _count = count;
    }

    /// <summary>Completes when this epoch and those before it are closed and each of their records has an outcome.</summary>
    public Task Done => _done.Task;

    /// <summary>The first epoch.</summary>
    public static FlushEpoch First() => new(count: 1);

    /// <summary>Counts a record.</summary>
    /// <returns>False when it is over: the record belongs to the next one.</returns>
    public bool TryEnter()
    {
        var count = Volatile.Read(ref _count);
        while (count > 0)
        {
            var seen = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (seen == count)
                return true;
            count = seen;
        }

        return false;
    }

    /// <summary>Some of its records have their outcomes.</summary>
    public void Exit(int records)
    {
        var epoch = this;
        for (var ended = records; epoch is not null && Interlocked.Add(ref epoch._count, -ended) == 0; ended = 1)
        {
            epoch._done.TrySetResult();
            epoch = epoch._next;
        }
    }

    /// <summary>Begins the next epoch; <see cref="Close"/> has to follow. Once only.</summary>
    public FlushEpoch Next() => _next = new FlushEpoch(count: 2);

    /// <summary>No more records, apart from those that are just coming.</summary>
    public void Close() => Exit(1);
}
