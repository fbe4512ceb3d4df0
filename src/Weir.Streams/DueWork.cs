namespace Weir.Streams;

/// <summary>Knows which background work is due and not done. Work that still waits for its time is not due, however long it is under way.</summary>
/// <remarks>Thread-safe. Holds an entry for each piece of work, so it is bounded as that is.</remarks>
internal sealed class DueWork(TimeProvider time)
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly HashSet<Entry> _open = [];

    // Completed and replaced when work is postponed or done. Guarded by _gate.
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Notes work that becomes due after a delay; dispose it when it is done.</summary>
    public Entry Add(TimeSpan delay)
    {
        var entry = new Entry(this);
        lock (_gate)
        {
            entry.SetDue(time.GetTimestamp(), delay);
            _open.Add(entry);
        }

        return entry;
    }

    /// <summary>Completes at a moment at which nothing is due that is not done.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task WhenNoneAsync(CancellationToken cancellationToken)
    {
        while (NextChange() is { } changed)
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task? NextChange()
    {
        lock (_gate)
            return _open.Any(entry => entry.IsDue(time)) ? _changed.Task : null;
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    /// <summary>One piece of work.</summary>
    internal sealed class Entry(DueWork owner) : IDisposable
    {
        // Guarded by the owner's lock.
        private long _from;
        private TimeSpan _delay;

        /// <summary>It failed and is tried again after a delay.</summary>
        public void Postpone(TimeSpan delay) => owner.Change(() => SetDue(owner.Now, delay));

        /// <summary>It is done, or left to the next start.</summary>
        public void Dispose() => owner.Change(() => owner._open.Remove(this));

        internal void SetDue(long from, TimeSpan delay) => (_from, _delay) = (from, delay);

        internal bool IsDue(TimeProvider time) => time.GetElapsedTime(_from) >= _delay;
    }

    private long Now => time.GetTimestamp();
}
