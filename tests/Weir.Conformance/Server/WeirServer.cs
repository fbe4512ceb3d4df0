using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Weir.Conformance.Server;

/// <summary>
/// One real <c>weir server</c> process on a free port. The contract with it is the command line's: it prints one line
/// <c>Weir is listening on http://127.0.0.1:PORT</c> when it accepts requests, and ends with 0 on SIGTERM.
/// </summary>
internal sealed class WeirServer : IAsyncDisposable
{
    private const string ReadyPrefix = "Weir is listening on ";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _outputEnd;
    private readonly Task _errorEnd;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _error = new();
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _toldToEnd;

    private WeirServer(Process process)
    {
        _process = process;
        _outputEnd = ReadLinesAsync(process.StandardOutput, _output, NoticeReadiness);
        _errorEnd = ReadLinesAsync(process.StandardError, _error, _ => { });
    }

    /// <summary>Where it listens, as it said itself.</summary>
    public Uri Endpoint { get; private set; } = null!;

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Every line on stdout so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>Every line on stderr so far.</summary>
    public string ErrorText => string.Join('\n', _error);

    /// <summary>Skips the calling test where there is no command to test, and fails it where there should be one.</summary>
    public static void Require()
    {
        if (File.Exists(Repository.WeirProgram))
            return;
        Assert.False(
            Directory.Exists(Path.Combine(Repository.Root, "src/Weir.Cli")),
            $"{Repository.WeirProgram} is not built: ./test.sh builds it before it runs these tests.");
        Assert.Skip("This checkout has no src/Weir.Cli, so there is no server to test.");
    }

    /// <summary>Starts <c>weir server --port 0</c> with further arguments and waits until it accepts requests.</summary>
    public static Task<WeirServer> StartAsync(params string[] arguments) => LaunchAsync(Repository.WeirProgram, ["server", "--port", "0", .. arguments]);

    /// <summary>The same, with so many file handles and no more.</summary>
    public static Task<WeirServer> StartWithHandlesAsync(int handles, params string[] arguments) =>
        LaunchAsync("sh", ["-c", $"ulimit -n {handles} && exec \"$@\"", "sh", Repository.WeirProgram, "server", "--port", "0", .. arguments]);

    private static async Task<WeirServer> LaunchAsync(string program, IEnumerable<string> arguments)
    {
        Require();
        var process = new Process { StartInfo = ChildProcess.Describe(program, arguments, null, null) };
        process.Start();
        process.StandardInput.Close();
        var server = new WeirServer(process);
        try
        {
            server.Endpoint = await server._ready.Task.WaitAsync(StartPatience);
        }
        catch (Exception reason) when (reason is TimeoutException or EndOfStreamException)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException(
                $"weir server did not start ({reason.Message}).\n--- stdout\n{string.Join('\n', server._output)}\n--- stderr\n{server.ErrorText}");
        }

        return server;
    }

    /// <summary>Sends SIGTERM and waits for the end; returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        ChildProcess.Signal(_process.Id, ChildProcess.Terminate);
        return await WaitForExitAsync();
    }

    /// <summary>Sends SIGKILL and waits for the end: what it had not made durable is gone.</summary>
    public async Task KillAsync()
    {
        ChildProcess.Signal(_process.Id, ChildProcess.Kill);
        await WaitForExitAsync();
    }

    /// <summary>Waits for an end that was asked for; fails if the process goes on.</summary>
    public async Task<int> WaitForExitAsync()
    {
        _toldToEnd = true;
        try
        {
            await _process.WaitForExitAsync().WaitAsync(StopPatience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"weir server (process {ProcessId}) had not ended {StopPatience.TotalSeconds:0} s after it was told to.\n{ErrorText}");
        }

        await Task.WhenAll(_outputEnd, _errorEnd);
        return _process.ExitCode;
    }

    /// <summary>
    /// Ends the process if it still runs; a clean stop is <see cref="TerminateAsync"/>'s job. Of one that ended by itself, the test's output says how.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var endedByItself = _process.HasExited && !_toldToEnd;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        await Task.WhenAll(_outputEnd, _errorEnd);
        if (endedByItself)
            TestContext.Current.TestOutputHelper?.WriteLine($"weir server (process {ProcessId}) ended by itself with exit code {_process.ExitCode}:\n{ErrorText}");
        _process.Dispose();
    }

    private void NoticeReadiness(string line)
    {
        if (line.StartsWith(ReadyPrefix, StringComparison.Ordinal)
            && Uri.TryCreate(line[ReadyPrefix.Length..].Trim(), UriKind.Absolute, out var endpoint)
            && endpoint.Port != IPEndPoint.MinPort)
            _ready.TrySetResult(endpoint);
    }

    private async Task ReadLinesAsync(StreamReader reader, ConcurrentQueue<string> lines, Action<string> notice)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Enqueue(line);
            notice(line);
        }

        if (reader == _process.StandardOutput)
            _ready.TrySetException(new EndOfStreamException("it ended, or closed its stdout, before it said that it listens"));
    }
}
