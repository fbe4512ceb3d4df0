namespace Weir.Conformance.Server;

/// <summary>
/// One server for all tests of a class, on a fresh data directory, stopped by SIGTERM at the end; a stop that is not clean
/// fails the class. Derived fixtures choose the server's options.
/// </summary>
public class ServerFixture : IAsyncLifetime
{
    private TemporaryFolder? _data;
    private WeirServer? _server;

    /// <summary>Options after <c>weir server --port 0 --data DIR</c>. Default: none, what a user gets who asks for nothing.</summary>
    protected virtual string[] Options => [];

    /// <summary>The running server; skips the calling test where there is no command to run.</summary>
    internal WeirServer Server
    {
        get
        {
            WeirServer.Require();
            return _server!;
        }
    }

    /// <summary>Where the server listens.</summary>
    public Uri Endpoint => Server.Endpoint;

    public async ValueTask InitializeAsync()
    {
        // A fixture cannot skip; without a program the tests do, as soon as they ask for the server.
        if (!File.Exists(Repository.WeirProgram))
            return;
        _data = new TemporaryFolder();
        _server = await WeirServer.StartAsync(["--data", _data.Path, .. Options]);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is not null)
        {
            await using (_server)
            {
                var exitCode = await _server.TerminateAsync();
                if (exitCode != 0)
                    throw new InvalidOperationException($"weir server answered SIGTERM with exit code {exitCode}.\n{_server.ErrorText}");
            }
        }

        _data?.Dispose();
    }
}

/// <summary>A server without rate limits, for tests that are about other things.</summary>
public sealed class UnlimitedServerFixture : ServerFixture
{
    protected override string[] Options => ["--limits", "off"];
}
