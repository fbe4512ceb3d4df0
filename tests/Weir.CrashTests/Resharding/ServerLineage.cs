using Weir.Conformance.Server;

namespace Weir.CrashTests.Resharding;

/// <summary>Servers that follow each other on one data directory: each is killed, and the next goes on. Clients ask for the present one.</summary>
internal sealed class ServerLineage(string directory) : IAsyncDisposable
{
    private volatile TaskCompletionSource<WeirServer> _present = New();

    /// <summary>How often a server was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>The address of the server that runs, or of the next one when none does.</summary>
    public async Task<Uri> EndpointAsync() => (await _present.Task).Endpoint;

    /// <summary>Starts the first server.</summary>
    public async Task StartAsync() => _present.SetResult(await LaunchAsync());

    /// <summary>Kills the present server and starts the next.</summary>
    public async Task KillAsync()
    {
        var killed = await _present.Task;
        Assert.False(killed.HasExited, $"The server ended by itself.\n{killed.ErrorText}");
        var next = New();
        _present = next;
        await killed.KillAsync();
        await killed.DisposeAsync();
        Kills++;
        next.SetResult(await LaunchAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_present.Task.IsCompletedSuccessfully)
            await (await _present.Task).DisposeAsync();
    }

    private Task<WeirServer> LaunchAsync() => WeirServer.StartAsync("--data", directory, "--limits", "off");

    private static TaskCompletionSource<WeirServer> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
