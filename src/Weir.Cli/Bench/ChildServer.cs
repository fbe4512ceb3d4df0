using System.Diagnostics;

namespace Weir.Cli.Bench;

/// <summary>A server in a process of its own, made from this very program. Dispose ends it and removes its data.</summary>
internal sealed class ChildServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly DirectoryInfo? _data;

    private ChildServer(Process process, DirectoryInfo? data, Uri endpoint)
    {
        _process = process;
        _data = data;
        Endpoint = endpoint;
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint { get; }

    /// <summary>A Weir with the rates off and a data directory that goes away with it.</summary>
    /// <param name="durability">Its durability.</param>
    /// <param name="shell">The surroundings.</param>
    /// <param name="credentialsFile">Whose signatures it verifies; null takes any.</param>
    public static async Task<ChildServer> StartWeirAsync(string durability, Shell shell, string? credentialsFile = null)
    {
        var data = Directory.CreateTempSubdirectory("weir-bench-");
        string[] credentials = credentialsFile is null ? [] : ["--credentials", credentialsFile];
        return await StartAsync(
            ["server", "--port", "0", "--limits", "off", "--durability", durability, "--data", data.FullName, .. credentials], data, shell).ConfigureAwait(false);
    }

    /// <summary>The endpoint that only reads, parses and answers.</summary>
    public static Task<ChildServer> StartBaselineAsync(Shell shell) => StartAsync(["bench", "baseline-server"], data: null, shell);

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
            // It ended by itself, which a signal to the whole terminal does.
            _process.Close();
        }

        _process.Dispose();
        _data?.Delete(recursive: true);
    }

    private static async Task<ChildServer> StartAsync(string[] arguments, DirectoryInfo? data, Shell shell)
    {
        var process = Process.Start(StartInfo(arguments)) ?? throw new CommandFailure("The server's process did not start.");
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(Patience, shell.Time, shell.Interrupted).ConfigureAwait(false);
            if (line?.Split(' ')[^1] is { } address && Uri.TryCreate(address, UriKind.Absolute, out var endpoint))
                return new ChildServer(process, data, endpoint);
            throw new CommandFailure($"The server did not start: {(await errors.ConfigureAwait(false)).Trim()}");
        }
        catch
        {
            new ChildServer(process, data, new Uri(Connection.Local)).Dispose();
            throw;
        }
    }

    private static ProcessStartInfo StartInfo(string[] arguments)
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
        return start;
    }
}
