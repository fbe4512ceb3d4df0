namespace Weir.Log;

/// <summary>Something that commits when it gets a turn: a log.</summary>
public interface ICommitWork
{
    /// <summary>Runs one commit. Asks for the next turn itself when more has gathered.</summary>
    void Run();
}

/// <summary>Gives the logs of a store their turns. Tests put a deterministic one in its place.</summary>
public interface ICommitScheduler : IDisposable
{
    /// <summary>Asks for one turn. The work asks again only after the turn has begun.</summary>
    void Schedule(ICommitWork work);
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

    private readonly object _gate = new();
    private readonly Queue<ICommitWork> _ready = new();
    private readonly List<Thread> _threads = [];
    private bool _disposed;
    private int _idle;

    public void Schedule(ICommitWork work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _ready.Enqueue(work);
            if (_idle == 0 && _threads.Count < Threads)
                Start_NeedsLock();
            else
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>Ends the threads after the turns that they run. The store disposes its logs first.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
            thread.Join();
    }

    private void Start_NeedsLock()
    {
        var thread = new Thread(Loop) { IsBackground = true, Name = $"Weir commit {_threads.Count + 1}" };
        _threads.Add(thread);
        thread.Start();
    }

    private void Loop()
    {
        while (Next() is { } work)
            work.Run();
    }

    private ICommitWork? Next()
    {
        lock (_gate)
        {
            _idle++;
            while (_ready.Count == 0 && !_disposed)
                Monitor.Wait(_gate);
            _idle--;
            return _ready.TryDequeue(out var work) ? work : null;
        }
    }
}
