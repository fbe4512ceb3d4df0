using System.Diagnostics;

namespace Weir.Cli.Bench;

/// <summary>A server in a process of its own, made from this very program. Dispose ends it and removes its data.</summary>
internal sealed class ChildServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string[] _arguments;
    private readonly DirectoryInfo? _data;
    private Process _process;

    private ChildServer(string[] arguments, DirectoryInfo? data, Process process, Uri endpoint)
    {
        (_arguments, _data, _process) = (arguments, data, process);
        Endpoint = endpoint;
    }

    /// <summary>Where it listens; another port after each start.</summary>
    public Uri Endpoint { get; private set; }

    /// <summary>Memory that the process has at this moment.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The most memory that the process has had since it started, as the system counted it.</summary>
    public long PeakResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>Processor time that the process has used since it started.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Where its data is, or null.</summary>
    public string? DataDirectory => _data?.FullName;

    /// <summary>A Weir with the rates off and a data directory that goes away with it.</summary>
    /// <param name="durability">Its durability.</param>
    /// <param name="shell">The surroundings.</param>
    /// <param name="credentialsFile">Whose signatures it verifies; null takes any.</param>
    /// <param name="options">Further options of <c>weir server</c>.</param>
    public static Task<ChildServer> StartWeirAsync(string durability, Shell shell, string? credentialsFile = null, params string[] options)
    {
        string[] credentials = credentialsFile is null ? [] : ["--credentials", credentialsFile];
        return StartWithDataAsync(["--limits", "off", "--durability", durability, .. credentials, .. options], shell);
    }

    /// <summary>A Weir with the rates and quotas of AWS, and a data directory that goes away with it.</summary>
    public static Task<ChildServer> StartLimitedAsync(Shell shell) => StartWithDataAsync(["--limits", "aws"], shell);

    /// <summary>The endpoint that only reads, parses and answers.</summary>
    public static Task<ChildServer> StartBaselineAsync(Shell shell) => StartAsync(["bench", "baseline-server"], data: null, shell);

    /// <summary>The endpoint that only encodes and sends pages of records of this size.</summary>
    public static Task<ChildServer> StartPagesAsync(int recordBytes, Shell shell) => StartAsync(
        ["bench", "page-server", "--record-size", recordBytes.ToString(System.Globalization.CultureInfo.InvariantCulture)], data: null, shell);

    /// <summary>Where its data is; null for a server that keeps none.</summary>
    public DirectoryInfo? Data => _data;

    /// <summary>Kills the process and starts another on the same data.</summary>
    /// <returns>How long the start took, from the process to its line that it listens.</returns>
    public Task<TimeSpan> RestartAsync(Shell shell)
    {
        Kill();
        return StartAgainAsync(shell);
    }

    /// <summary>Ends the process at once, as SIGKILL does.</summary>
    public void Kill() => End(_process);

    /// <summary>Starts another process on the data of the one that was killed.</summary>
    /// <returns>How long the start took, from the process to its line that it listens.</returns>
    public async Task<TimeSpan> StartAgainAsync(Shell shell)
    {
        var began = shell.Time.GetTimestamp();
        (_process, Endpoint) = await LaunchAsync(_arguments, shell).ConfigureAwait(false);
        return shell.Time.GetElapsedTime(began);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        End(_process);
        _data?.Delete(recursive: true);
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill();
            process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself, which a signal to the whole terminal does, or was ended before.
            process.Close();
        }

        process.Dispose();
    }

    private static Task<ChildServer> StartWithDataAsync(string[] options, Shell shell)
    {
        var data = Directory.CreateTempSubdirectory("weir-bench-");
        return StartAsync(["server", "--port", "0", "--data", data.FullName, .. options], data, shell);
    }

    private static async Task<ChildServer> StartAsync(string[] arguments, DirectoryInfo? data, Shell shell)
    {
        try
        {
            var (process, endpoint) = await LaunchAsync(arguments, shell).ConfigureAwait(false);
            return new ChildServer(arguments, data, process, endpoint);
        }
        catch
        {
            data?.Delete(recursive: true);
            throw;
        }
    }

    private static async Task<(Process Process, Uri Endpoint)> LaunchAsync(string[] arguments, Shell shell)
    {
        var process = Process.Start(StartInfo(arguments)) ?? throw new CommandFailure("The server's process did not start.");
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(Patience, shell.Time, shell.Interrupted).ConfigureAwait(false);
            if (line?.Split(' ')[^1] is { } address && Uri.TryCreate(address, UriKind.Absolute, out var endpoint))
                return (process, endpoint);
            throw new CommandFailure($"The server did not start: {(await errors.ConfigureAwait(false)).Trim()}");
        }
        catch
        {
            End(process);
            throw;
        }
    }

    /// <summary>How this very program is started with other arguments.</summary>
    internal static ProcessStartInfo StartInfo(string[] arguments)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // The command line decides; what is set for other servers must not.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("WEIR_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        LoadConnection.Restore(start.Environment);
        return start;
    }
}
