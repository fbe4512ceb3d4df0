using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Weir.Cli.Bench;

/// <summary>
/// A load that disturbs, made by a process of its own that takes what the processors have left: it stands for other machines, and must not take
/// from the server and from what is measured. Dispose ends it.
/// </summary>
internal sealed partial class BackgroundLoad : IDisposable
{
    // SCHED_IDLE of Linux: runs when nobody else wants to, and makes way at once.
    private const int IdlePolicy = 5;

    private readonly Process _process;

    private BackgroundLoad(Process process) => _process = process;

    /// <summary>Starts this very program with other arguments.</summary>
    public static BackgroundLoad Start(params string[] arguments)
    {
        if (!OperatingSystem.IsLinux())
            return StartWith(arguments, ProcessPriorityClass.Idle);
        // A child has the policy of the thread that makes it, and all its threads have it from there: a thread that does only this.
        BackgroundLoad? load = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                var none = 0;
                var isIdle = SetPolicy(0, IdlePolicy, in none) == 0;
                // Where the system does not allow it, a low priority has to do.
                load = StartWith(arguments, isIdle ? null : ProcessPriorityClass.Idle);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        }) { Name = "weir bench background" };
        thread.Start();
        thread.Join();
        return load ?? throw new CommandFailure($"The process of the background load did not start: {failure?.Message}", failure);
    }

    /// <summary>Whether it ended by itself, which it must not.</summary>
    public bool HasEnded => _process.HasExited;

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            _process.Kill();
            _process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It ended before.
            _process.Close();
        }

        _process.Dispose();
    }

    private static BackgroundLoad StartWith(string[] arguments, ProcessPriorityClass? priority)
    {
        var process = Process.Start(ChildServer.StartInfo(arguments)) ?? throw new CommandFailure("The process of the background load did not start.");
        try
        {
            if (priority is not null)
                process.PriorityClass = priority.Value;
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // Where priorities cannot be changed the load is a little heavier; when the process has ended, HasEnded says it.
            return new BackgroundLoad(process);
        }

        return new BackgroundLoad(process);
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetPolicy(int thread, int policy, in int priority);
}
