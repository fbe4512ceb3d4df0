namespace Weir.Producer.Sending;

/// <summary>Wakes a loop: when somebody says so, or when it is time. What is said while it is awake counts for its next wait.</summary>
internal sealed class Wakeup : IDisposable
{
#pragma warning disable CA2213 // See Dispose.
    private readonly SemaphoreSlim _semaphore = new(0);
#pragma warning restore CA2213
    private readonly ITimer _timer;
    private int _isSet;

    public Wakeup(TimeProvider time)
    {
        _timer = time.CreateTimer(static state => ((Wakeup)state!).Set(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Wakes the loop. Costs a read when it is awake already. Thread-safe.</summary>
    public void Set()
    {
        if (Volatile.Read(ref _isSet) == 0 && Interlocked.Exchange(ref _isSet, 1) == 0)
            _semaphore.Release();
    }

    /// <summary>Waits. One caller at a time.</summary>
    /// <param name="longest">When to wake in any case; infinite to wait for <see cref="Set"/> alone.</param>
    public async Task WaitAsync(TimeSpan longest)
    {
        _timer.Change(longest, Timeout.InfiniteTimeSpan);
        await _semaphore.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        // From here on a Set counts again; what it was for is looked at after this.
        Interlocked.Exchange(ref _isSet, 0);
    }

    // The semaphore stays: the timer may be just firing, and without a wait handle there is nothing to free.
    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();
}
