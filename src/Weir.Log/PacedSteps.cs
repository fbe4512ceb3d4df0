namespace Weir.Log;

/// <summary>Runs the steps of a work, one after the other with the pauses that it asks for.</summary>
/// <remarks>
/// Thread-safe. A thread of its own, since steps block in the file system; it begins with the first step that is asked for, and sleeps while
/// none is. By the machine's clock, whatever time the records live in: disks live in that.
/// </remarks>
internal sealed class PacedSteps : IDisposable
{
    private readonly object _gate = new();
    private Thread? _thread;
    private bool _isAsked;

    // Nothing to do. Who asks wakes the thread then, and at no other time: a pause is to last.
    private bool _sleeps;
    private bool _disposed;

    public void Ask(IPacedWork work)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _isAsked = true;
            if (_thread is null)
                Start_NeedsLock(work);
            else if (_sleeps)
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>Ends after the step that is under way, whatever is left to do.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Monitor.Pulse(_gate);
        }

        _thread?.Join();
    }

    private void Start_NeedsLock(IPacedWork work)
    {
        _thread = new Thread(() => Run(work)) { IsBackground = true, Name = "Weir room release" };
        _thread.Start();
    }

    private void Run(IPacedWork work)
    {
        while (WaitUntilAsked())
        {
            while (work.Step() is { } pause && Pause(pause))
            {
            }
        }
    }

    private bool WaitUntilAsked()
    {
        lock (_gate)
        {
            while (!_isAsked && !_disposed)
            {
                _sleeps = true;
                Monitor.Wait(_gate);
                _sleeps = false;
            }

            // Before the step: who asks from now on may have something that the step did not see.
            _isAsked = false;
            return !_disposed;
        }
    }

    /// <summary>Waits; false when it is over.</summary>
    private bool Pause(TimeSpan pause)
    {
        lock (_gate)
        {
            if (!_disposed && pause > TimeSpan.Zero)
                Monitor.Wait(_gate, pause);
            return !_disposed;
        }
    }
}
