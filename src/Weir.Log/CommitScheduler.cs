namespace Weir.Log;

/// <summary>Something that commits when it gets a turn: a log.</summary>
public interface ICommitWork
{
    /// <summary>Runs one commit. Asks for the next turn itself when more has gathered.</summary>
    void Run();

    /// <summary>The time to gather is over: asks for a turn, unless it did so meanwhile.</summary>
    /// <param name="gathering">The number that was given to <see cref="ICommitScheduler.Gather"/>; another one is over already.</param>
    void EndGathering(long gathering);
}

/// <summary>Work in steps with pauses in between, beside the commits: it takes its time so that they need not.</summary>
public interface IPacedWork
{
    /// <summary>Takes one step. Does not throw.</summary>
    /// <returns>How long to wait before the next one; null when there is nothing to do until the work asks again.</returns>
    TimeSpan? Step();
}

/// <summary>Gives the logs of a store their turns. Tests put a deterministic one in its place.</summary>
public interface ICommitScheduler : IDisposable
{
    /// <summary>Asks for one turn. The work asks again only after the turn has begun.</summary>
    void Schedule(ICommitWork work);

    /// <summary>
    /// Calls <see cref="ICommitWork.EndGathering"/> in a moment: a commit soon, with what comes until then. The work may ask for its turn before.
    /// </summary>
    /// <param name="work">What gathers.</param>
    /// <param name="gathering">A number of the work's own for this time.</param>
    void Gather(ICommitWork work, long gathering);

    /// <summary>Lets those go on whose appends were committed.</summary>
    /// <param name="answers">Those.</param>
    /// <param name="mayStay">Whether they may go on on the thread that committed, after its turn; else it is one of the pool's.</param>
    void Answer(IThreadPoolWorkItem answers, bool mayStay);

    /// <summary>Asks for steps, until one asks for none. Asking while there are steps to come changes nothing.</summary>
    /// <param name="work">The same at each call: a store has one such work.</param>
    void Pace(IPacedWork work);

    /// <summary>Lets a moment pass for the commits, on a thread that may wait.</summary>
    /// <param name="pause">How long.</param>
    /// <param name="cancellationToken">Ends it early, without an exception.</param>
    void Rest(TimeSpan pause, CancellationToken cancellationToken);
}

/// <summary>
/// A few threads for the commits of all logs. Commits block in write and fsync, so they stay away from the thread pool, which would
/// starve; and a log gets one commit for a turn and queues up again, so that 1,000 streams share the disk fairly without 1,000 threads.
/// </summary>
internal sealed class CommitScheduler : ICommitScheduler
{
    // Threads mostly wait for the disk. Four let several streams' fsyncs share one journal commit of the file system; more than
    // eight only queue inside the device.
    private static readonly int Threads = Math.Clamp(Environment.ProcessorCount, 4, 8);

    // The others go to the pool, where they are served side by side: these take some 0.2 ms, for which this thread commits nothing.
    private const int AnswersAfterTurn = 2;

    // Of a commit thread: what it answers when its turn has ended.
    [ThreadStatic]
    private static List<IThreadPoolWorkItem>? _answers;

    private readonly Lock _gate = new();
    private readonly Queue<ICommitWork> _ready = new();
    private readonly List<Worker> _workers = [];

    // The last to fall idle is the first to work again: its processor still knows it, and the others sleep on.
    private readonly Stack<Worker> _idle = new();
    private readonly GatheringClock _clock = new();
    private readonly PacedSteps _steps = new();
    private bool _disposed;

    public void Schedule(ICommitWork work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _ready.Enqueue(work);
            if (_idle.TryPop(out var idle))
                idle.Wake();
            else if (_workers.Count < Threads)
                Start_NeedsLock();
        }
    }

    public void Gather(ICommitWork work, long gathering) => _clock.Add(work, gathering);

    public void Answer(IThreadPoolWorkItem answers, bool mayStay)
    {
        // This thread is awake, and has nothing else to do until its turn comes again: another one would have to be woken.
        if (mayStay && _answers is { Count: < AnswersAfterTurn } mine)
            mine.Add(answers);
        else
            ThreadPool.UnsafeQueueUserWorkItem(answers, preferLocal: false);
    }

    public void Pace(IPacedWork work) => _steps.Ask(work);

    public void Rest(TimeSpan pause, CancellationToken cancellationToken) => cancellationToken.WaitHandle.WaitOne(pause);

    /// <summary>Ends the threads after the turns and the step that they run. The store disposes its logs first.</summary>
    public void Dispose()
    {
        _steps.Dispose();
        _clock.Dispose();
        lock (_gate)
        {
            _disposed = true;
            while (_idle.TryPop(out var idle))
                idle.Wake();
        }

        foreach (var worker in _workers)
            worker.Join();
    }

    private void Start_NeedsLock()
    {
        var worker = new Worker($"Weir commit {_workers.Count + 1}", Loop);
        _workers.Add(worker);
        worker.Start();
    }

    private void Loop(Worker worker)
    {
        var answers = _answers = new List<IThreadPoolWorkItem>(AnswersAfterTurn);
        while (Next(worker) is { } work)
        {
            work.Run();
            foreach (var answer in answers)
                answer.Execute();
            answers.Clear();
        }
    }

    private ICommitWork? Next(Worker worker)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_ready.TryDequeue(out var work))
                    return work;
                if (_disposed)
                    return null;
                _idle.Push(worker);
            }

            worker.Sleep();
        }
    }

    private sealed class Worker
    {
        private readonly Thread _thread;
        private bool _isWoken;

        public Worker(string name, Action<Worker> loop) => _thread = new Thread(() => loop(this)) { IsBackground = true, Name = name };

        public void Start() => _thread.Start();

        // Who goes on in place may be the one that closes the store: this very thread, which then ends by itself.
        public void Join()
        {
            if (_thread != Thread.CurrentThread)
                _thread.Join();
        }

        public void Wake()
        {
            lock (_thread)
            {
                _isWoken = true;
                Monitor.Pulse(_thread);
            }
        }

        // A monitor, because it does not spin: the processor that would is what the next requests are waiting for.
        public void Sleep()
        {
            lock (_thread)
            {
                while (!_isWoken)
                    Monitor.Wait(_thread);
                _isWoken = false;
            }
        }
    }
}
