using System.Runtime.InteropServices;

namespace Weir.Cli.Bench;

/// <summary>
/// Makes requests due at fixed times, however the answers come. A thread of its own that sleeps by the nanosecond: the runtime's
/// timers are a millisecond coarse, which is more than a request takes, and spinning would take a core from the server.
/// </summary>
internal sealed partial class Pacer : IDisposable
{
    // Between two looks at the clock at least: a tenth of the latencies that matter here.
    private static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(100);

    // The same while nobody waits for the next request, because earlier ones are still there to be sent: each look takes from what the server has.
    private static readonly TimeSpan BackloggedTick = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _time;
    private readonly double _perSecond;
    private readonly long _start;
    private readonly SemaphoreSlim _due = new(0);
    private readonly Thread _thread;

    // Written by the pacer's thread. Invariant: every request with a number below it is due.
    private long _released;
    private long _taken;
    private volatile bool _stop;

    /// <summary>Begins at once.</summary>
    public Pacer(TimeProvider time, double perSecond)
    {
        _time = time;
        _perSecond = perSecond;
        _start = time.GetTimestamp();
        _thread = new Thread(Run) { IsBackground = true, Name = "weir bench pacer", Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    /// <summary>Requests that are due and were not taken.</summary>
    public long Backlog => Volatile.Read(ref _released) - Volatile.Read(ref _taken);

    /// <summary>Waits for the next request to be due.</summary>
    /// <returns>When it was meant to be sent.</returns>
    public async ValueTask<long> NextAsync(CancellationToken cancellationToken)
    {
        await _due.WaitAsync(cancellationToken).ConfigureAwait(false);
        var number = Interlocked.Increment(ref _taken) - 1;
        return _start + (long)(number / _perSecond * _time.TimestampFrequency);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        _due.Dispose();
    }

    private void Run()
    {
        while (!_stop)
        {
            var due = (long)(_time.GetElapsedTime(_start).TotalSeconds * _perSecond) + 1;
            if (due > _released)
            {
                _due.Release((int)Math.Min(due - _released, int.MaxValue));
                Volatile.Write(ref _released, due);
            }

            Rest(_due.CurrentCount > BackloggedTick.TotalSeconds * _perSecond * 2 ? BackloggedTick : Tick);
        }
    }

    private static void Rest(TimeSpan duration)
    {
        if (OperatingSystem.IsWindows())
        {
            Thread.Yield();
            return;
        }

        var time = new Timespec { Nanoseconds = (nint)duration.TotalNanoseconds };
        _ = Sleep(ref time, IntPtr.Zero);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(ref Timespec time, IntPtr rest);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
