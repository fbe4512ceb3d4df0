using Weir.Server;

namespace Weir.Cli.Tests;

/// <summary>A real server in this process, in memory, with the rates off, and a way to run commands against it.</summary>
public sealed class LocalServer : IAsyncLifetime
{
    private WeirServer? _server;

    public string Endpoint => Connection.Name(_server!.Endpoint);

    public async ValueTask InitializeAsync() => _server = await WeirServer.StartAsync(
        new WeirServerOptions { Port = 0, DataDirectory = null, EnforceLimits = false }, CancellationToken.None);

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();

    internal async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        using var run = new CommandRun(input, Variables);
        var code = await run.RunAsync(arguments);
        return (code, run.Output, run.Error);
    }

    internal Dictionary<string, string> Variables => new() { ["AWS_ENDPOINT_URL_KINESIS"] = Endpoint };

    /// <summary>Runs a command that must succeed.</summary>
    internal async Task<string> DoAsync(params string[] arguments)
    {
        var (code, output, error) = await RunAsync("", arguments);
        Assert.True(code == 0, error);
        return output;
    }
}
