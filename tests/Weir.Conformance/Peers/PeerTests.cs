using Weir.Conformance.Server;

namespace Weir.Conformance.Peers;

/// <summary>
/// Real clients, as their users install them, with no option but the endpoint, against a server with no option but its data
/// directory. Each script does one scenario, prints what it saw and fails at the first difference.
/// </summary>
public abstract class PeerTests(ServerFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The program that runs the script, the script, and what the environment needs beyond credentials.</summary>
    internal abstract Peer Peer { get; }

    [Fact]
    public Task Streams_are_created_described_listed_and_deleted() => RunAsync("lifecycle");

    [Fact]
    public Task Records_come_back_byte_for_byte_and_in_order_from_every_iterator() => RunAsync("records");

    [Fact]
    public Task A_reader_follows_shards_through_a_split_and_a_merge() => RunAsync("reshard");

    [Fact]
    public Task Refusals_are_the_clients_own_errors() => RunAsync("errors");

    [Fact]
    public Task Tags_come_back() => RunAsync("tags");

    [Fact]
    public Task A_stream_scales_to_equal_ranges() => RunAsync("scale");

    private protected async Task RunAsync(string scenario)
    {
        var endpoint = fixture.Endpoint.ToString().TrimEnd('/');
        await Peer.RequireAsync();
        var outcome = await ChildProcess.RunAsync(
            Peer.Program, [Repository.PeerScript(Peer.Script), scenario, endpoint], Patience, Peer.EnvironmentVariables);
        TestContext.Current.TestOutputHelper?.WriteLine(outcome.Output);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }
}

/// <summary>Debian's boto3: HTTP/1.1.</summary>
public sealed class Boto3Tests(ServerFixture fixture) : PeerTests(fixture), IClassFixture<ServerFixture>
{
    internal override Peer Peer => Peer.Boto3;

    [Fact]
    public Task A_subscription_delivers_is_taken_over_and_goes_on_with_the_children() => RunAsync("subscribe");
}

/// <summary>Debian's AWS command line: HTTP/1.1, a new process and connection for each call.</summary>
public sealed class AwsCommandLineTests(ServerFixture fixture) : PeerTests(fixture), IClassFixture<ServerFixture>
{
    internal override Peer Peer => Peer.AwsCommandLine;
}

/// <summary>The JavaScript SDK: HTTP/2 with prior knowledge, which the script asserts.</summary>
public sealed class JavaScriptSdkTests(ServerFixture fixture) : PeerTests(fixture), IClassFixture<ServerFixture>
{
    internal override Peer Peer => Peer.JavaScriptSdk;

    [Fact]
    public Task A_subscription_delivers_what_is_there_and_what_comes() => RunAsync("subscribe");
}

/// <summary>The JavaScript SDK over TLS: HTTP/2 by ALPN, trusting the certificate that the server has made for itself.</summary>
public sealed class JavaScriptSdkOverTlsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_subscription_delivers_what_is_there_and_what_comes()
    {
        WeirServer.Require();
        await Peer.JavaScriptSdk.RequireAsync();
        using var data = new TemporaryFolder();
        await using var server = await WeirServer.StartAsync("--data", data.Path, "--tls");
        var environment = new Dictionary<string, string>(Peer.JavaScriptSdk.EnvironmentVariables)
        {
            ["NODE_EXTRA_CA_CERTS"] = Path.Combine(data.Path, "weir-certificate.pem"),
        };
        var outcome = await ChildProcess.RunAsync(
            Peer.JavaScriptSdk.Program,
            [Repository.PeerScript(Peer.JavaScriptSdk.Script), "subscribe", server.Endpoint.ToString().TrimEnd('/')],
            Patience,
            environment);
        TestContext.Current.TestOutputHelper?.WriteLine(outcome.Output);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Equal(0, await server.TerminateAsync());
    }
}
