using System.ComponentModel;
using System.Diagnostics;

namespace Weir.Cli.Bench;

/// <summary>
/// A load that disturbs, made by a process of its own with a low priority: it stands for other machines, and must not take processors from the
/// server and from what is measured. Dispose ends it.
/// </summary>
internal sealed class BackgroundLoad : IDisposable
{
    private readonly Process _process;

    private BackgroundLoad(Process process) => _process = process;

    /// <summary>Starts this very program with other arguments.</summary>
    public static BackgroundLoad Start(params string[] arguments)
    {
        var process = Process.Start(ChildServer.StartInfo(arguments)) ?? throw new CommandFailure("The process of the background load did not start.");
        try
        {
            process.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // Where priorities cannot be changed the load is a little heavier; when the process has ended, HasEnded says it.
            return new BackgroundLoad(process);
        }

        return new BackgroundLoad(process);
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
}
