namespace Weir.Server.Http;

/// <summary>
/// Turns for what keeps a processor busy for long: parsing a body of hundreds of KiB, encoding a page of MiB. Only so many run at the same
/// time, the others in the order in which they came, so that a flood of large requests leaves a thread of the pool to the small ones.
/// </summary>
/// <remarks>
/// Thread-safe. Who waits holds no thread. The line is as long as the server's budgets of bytes let it grow, and each turn takes
/// milliseconds, so a wait is not given up.
/// </remarks>
/// <param name="atOnce">How many run at the same time.</param>
internal sealed class LargeWork(int atOnce)
{
    /// <summary>Up to here work is small, and does not wait: about 0.1 ms.</summary>
    public const int SmallBytes = 64 * 1024;

    /// <summary>After so much a long work ends its turn and gets in line again: about a millisecond.</summary>
    public const int TurnBytes = 1024 * 1024;

    /// <summary>After so much a long work lets go first who waits for its processor: about 0.2 ms.</summary>
    public const int StepBytes = 256 * 1024;

    private readonly Lock _gate = new();

    // Both guarded by _gate. Nobody waits while a turn is free.
    private readonly Queue<Waiter> _waiting = new();
    private int _running;

    /// <summary>As many turns as leave one processor to the rest.</summary>
    public static LargeWork ForThisMachine() => new(Math.Max(1, Environment.ProcessorCount - 1));

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Waits for a turn, if the work is large.</summary>
    /// <param name="bytes">How much there is to do.</param>
    /// <returns>The turn; it ends when disposed, once.</returns>
    public ValueTask<Turn> EnterAsync(long bytes)
    {
        if (bytes <= SmallBytes)
            return default;
        Waiter waiter;
        lock (_gate)
        {
            if (_running < atOnce)
            {
                _running++;
                return ValueTask.FromResult(new Turn(this));
            }

            waiter = new Waiter(this);
            _waiting.Enqueue(waiter);
        }

        return new ValueTask<Turn>(waiter.Task);
    }

    /// <summary>
    /// To be called after each step of a long work. A thread of a commit that has been woken, or a polling one, goes first; without this, the system
    /// may leave the processor to the long work until its next tick, up to 4 ms.
    /// </summary>
    /// <remarks>A system call of less than a microsecond when nobody waits. Threads that wait in the pool's queue gain nothing: for them there are turns.</remarks>
    public static void GiveWay() => Thread.Yield();

    private void Exit()
    {
        Waiter? next;
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out next))
                _running--;
        }

        // To the end of the common line: on this thread's own list it would come before the small requests that have arrived meanwhile.
        if (next is not null)
            ThreadPool.UnsafeQueueUserWorkItem(next, preferLocal: false);
    }

    /// <summary>A turn; the default one, of small work, is none.</summary>
    public readonly struct Turn(LargeWork owner) : IDisposable
    {
        /// <summary>Lets the next one in.</summary>
        public void Dispose() => owner?.Exit();
    }

    // Completed on a thread that has nothing else to do, so what waits goes on right there.
    private sealed class Waiter(LargeWork owner) : TaskCompletionSource<Turn>, IThreadPoolWorkItem
    {
        public void Execute() => SetResult(new Turn(owner));
    }
}
