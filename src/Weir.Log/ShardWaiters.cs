namespace Weir.Log;

/// <summary>Those who wait for a shard to change. All of one shard share one task, so that a commit wakes each of them at most once.</summary>
/// <remarks>
/// Thread-safe without a lock. A waiter first takes the task and then looks at the shard; a commit first changes the shard and then looks
/// for waiters, with a full fence in between on both sides: one of the two always sees the other.
/// </remarks>
internal struct ShardWaiters
{
    // Null while nobody waits: all that a commit pays for such a shard is a look at it.
    private TaskCompletionSource? _waiting;

    /// <summary>Completes at the next change after this call. Take it before looking at the shard.</summary>
    public Task NextChange()
    {
        var joined = Interlocked.CompareExchange(ref _waiting, null, null);
        if (joined is not null)
            return joined.Task;
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _waiting, first, null) ?? first).Task;
    }

    /// <summary>Takes the waiters out, for the caller to complete outside its locks; null when there are none.</summary>
    /// <remarks>The caller has put a full fence between the change and this call.</remarks>
    public TaskCompletionSource? Take() => Volatile.Read(ref _waiting) is null ? null : Interlocked.Exchange(ref _waiting, null);
}
