using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Weir.Conformance.Server;

/// <summary>What a program that ran to its end left behind.</summary>
internal sealed record ProgramOutcome(int ExitCode, string Output, string Error)
{
    /// <summary>Everything it said, for a failure's message.</summary>
    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";
}

/// <summary>Runs programs to their end, and signals processes by number.</summary>
internal static class ChildProcess
{
    /// <summary>SIGTERM's number, the same on every Unix.</summary>
    public const int Terminate = 15;

    /// <summary>SIGKILL's number, the same on every Unix.</summary>
    public const int Kill = 9;

    /// <summary>Runs a program; past <paramref name="patience"/> kills it and its children, and fails with what it said so far.</summary>
    public static async Task<ProgramOutcome> RunAsync(
        string program,
        IEnumerable<string> arguments,
        TimeSpan patience,
        IReadOnlyDictionary<string, string>? environment = null,
        string? folder = null)
    {
        using var process = new Process { StartInfo = Describe(program, arguments, environment, folder) };
        process.Start();
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            throw new TimeoutException(
                $"{program} had not ended after {patience.TotalSeconds:0} s. It said:\n{await output}\n{await error}");
        }

        return new ProgramOutcome(process.ExitCode, await output, await error);
    }

    /// <summary>How every child process is started: no inherited WEIR_ or AWS_ setting, all three streams redirected.</summary>
    public static ProcessStartInfo Describe(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, string? folder)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var name in start.Environment.Keys.Where(IsForeignSetting).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return start;
    }

    /// <summary>Sends a signal to one process.</summary>
    public static void Signal(int processId, int signal)
    {
        if (SendSignal(processId, signal) != 0)
            throw new InvalidOperationException($"kill({processId}, {signal}) failed: errno {Marshal.GetLastPInvokeError()}.");
    }

    private static bool IsForeignSetting(string name) =>
        name.StartsWith("AWS_", StringComparison.OrdinalIgnoreCase)
        || (name.StartsWith("WEIR_", StringComparison.OrdinalIgnoreCase) && name != "WEIR_PEERS_NODE");

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int processId, int signal);
}
