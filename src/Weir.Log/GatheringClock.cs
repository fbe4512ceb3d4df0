namespace Weir.Log;

/// <summary>Ends the gathering of logs after one to two milliseconds, when nothing else has.</summary>
/// <remarks>
/// Thread-safe. A thread of its own that looks every millisecond while logs gather, and sleeps while none does: a timer for each would cost
/// every commit more than the gathering saves. By the machine's clock, whatever time the records live in: disks and clients wait in that.
/// </remarks>
internal sealed class GatheringClock : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly object _gate = new();

    // Those that came since the last tick, and those that have seen one already.
    private List<(ICommitWork Work, long Gathering)> _young = [];
    private List<(ICommitWork Work, long Gathering)> _old = [];
    private Thread? _thread;
    private bool _sleeps;
    private bool _disposed;

    public void Add(ICommitWork work, long gathering)
    {
        lock (_gate)
        {
            // Logs are closed before this is: what they still have is committed by their last turn.
            if (_disposed)
                return;
            _young.Add((work, gathering));
            if (_thread is null)
                Start_NeedsLock();
            else if (_sleeps)
                Monitor.Pulse(_gate);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Monitor.Pulse(_gate);
        }

        _thread?.Join();
    }

    private void Start_NeedsLock()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "Weir gathering" };
        _thread.Start();
    }

    private void Run()
    {
        var due = new List<(ICommitWork Work, long Gathering)>();
        while (WaitForTick(due))
        {
            // Outside the lock: ending a gathering schedules a commit.
            foreach (var (work, gathering) in due)
                work.EndGathering(gathering);
            due.Clear();
        }
    }

    private bool WaitForTick(List<(ICommitWork Work, long Gathering)> due)
    {
        lock (_gate)
        {
            while (!_disposed && _young.Count == 0 && _old.Count == 0)
            {
                _sleeps = true;
                Monitor.Wait(_gate);
                _sleeps = false;
            }

            if (!_disposed)
                Monitor.Wait(_gate, Tick);
            due.AddRange(_old);
            _old.Clear();
            (_young, _old) = (_old, _young);
            return !_disposed;
        }
    }
}
