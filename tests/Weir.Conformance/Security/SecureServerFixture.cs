using System.Text.Json;
using Weir.Conformance.Server;

namespace Weir.Conformance.Security;

/// <summary>An access key as <c>weir credentials add --json</c> prints it.</summary>
internal sealed record AccessKey(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    /// <summary>As the variables that every client reads.</summary>
    public Dictionary<string, string> Environment
    {
        get
        {
            var variables = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = AccessKeyId, ["AWS_SECRET_ACCESS_KEY"] = SecretAccessKey };
            if (SessionToken is not null)
                variables["AWS_SESSION_TOKEN"] = SessionToken;
            return variables;
        }
    }
}

/// <summary>A server with a credentials file, both made by the command line alone.</summary>
public class SecureServerFixture : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private WeirServer? _server;

    /// <summary>Options of the server beyond its data and its credentials.</summary>
    protected virtual string[] Options => [];

    internal WeirServer Server
    {
        get
        {
            WeirServer.Require();
            return _server!;
        }
    }

    /// <summary>What our own client needs beyond its key.</summary>
    protected virtual Dictionary<string, string> Variables => [];

    /// <summary>Where clients send to.</summary>
    public string Endpoint => Server.Endpoint.ToString().TrimEnd('/');

    /// <summary>The credentials file.</summary>
    public string CredentialsFile => Path.Combine(_folder.Path, "credentials.json");

    /// <summary>The server's data.</summary>
    public string DataDirectory => Path.Combine(_folder.Path, "data");

    /// <summary>A key that may do everything.</summary>
    internal AccessKey Owner { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Repository.WeirProgram))
            return;
        Owner = await AddAsync("--user", "owner");
        _server = await WeirServer.StartAsync(["--data", DataDirectory, "--limits", "off", "--credentials", CredentialsFile, .. Options]);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is not null)
        {
            await using (_server)
                Assert.Equal(0, await _server.TerminateAsync());
        }

        _folder.Dispose();
    }

    /// <summary>Makes an access key.</summary>
    internal async Task<AccessKey> AddAsync(params string[] options)
    {
        var outcome = await RunAsync(null, ["credentials", "add", "--file", CredentialsFile, "--json", .. options]);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return JsonSerializer.Deserialize<AccessKey>(outcome.Output, JsonSerializerOptions.Web)!;
    }

    /// <summary>Runs a command of <c>weir</c> with an access key in its environment.</summary>
    internal Task<ProgramOutcome> RunAsync(AccessKey? key, params string[] arguments) =>
        ChildProcess.RunAsync(Repository.WeirProgram, arguments, Patience, new Dictionary<string, string>([.. Variables, .. key?.Environment ?? []]));

    /// <summary>Waits until the server has noticed a new key: until it lists streams for it, or says that it may not.</summary>
    internal Task UntilKnownAsync(AccessKey key) => Polling.UntilAsync<object>("the server knows the new key", Patience, async () =>
    {
        var outcome = await RunAsync(key, "stream", "list", "--endpoint", Endpoint);
        return outcome.ExitCode == 0 || outcome.Error.Contains("AccessDeniedException", StringComparison.Ordinal) ? outcome : null;
    });
}

/// <summary>The same under TLS, with the certificate that the server signs itself.</summary>
public sealed class SecureTlsServerFixture : SecureServerFixture
{
    protected override string[] Options => ["--tls"];

    // Where .NET looks for whom to trust.
    protected override Dictionary<string, string> Variables => new() { ["SSL_CERT_FILE"] = Certificate };

    /// <summary>The certificate that clients are told to trust.</summary>
    public string Certificate => Path.Combine(DataDirectory, "weir-certificate.pem");
}
