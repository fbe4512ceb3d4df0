using Weir.Conformance.Peers;
using Weir.Conformance.Server;

namespace Weir.Conformance.Security;

/// <summary>Real clients against a server that verifies their signatures: with the right key, with wrong ones, and with one that may only read.</summary>
public abstract class SignedPeerTests(SecureServerFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    internal abstract Peer Peer { get; }

    [Fact]
    public async Task With_its_key_a_client_does_everything() => await RunAsync("signed", fixture.Owner);

    [Fact]
    public async Task With_a_wrong_secret_it_gets_the_error_of_AWS() => await RunAsync("wrong_secret", fixture.Owner with { SecretAccessKey = "wrong" });

    [Fact]
    public async Task With_an_unknown_key_it_gets_the_error_of_AWS() => await RunAsync("unknown_key", fixture.Owner with { AccessKeyId = "AKIAIOSFODNN7EXAMPLE" });

    [Fact]
    public async Task With_temporary_credentials_it_works_as_well()
    {
        var key = await fixture.AddAsync("--expires", "1h");
        Assert.NotNull(key.SessionToken);
        await fixture.UntilKnownAsync(key);
        await RunAsync("signed", key);
    }

    [Fact]
    public async Task A_key_that_may_read_one_stream_reads_that_stream_and_nothing_more()
    {
        // The stream and its record are made by our own client, which signs too.
        var stream = $"readable-{Guid.NewGuid():N}";
        var created = await fixture.RunAsync(fixture.Owner, "stream", "create", stream, "--shards", "1", "--wait", "--endpoint", fixture.Endpoint);
        Assert.True(created.ExitCode == 0, created.ToString());
        var reader = await fixture.AddAsync("--user", "reader", "--read-only", "--streams", stream);
        await fixture.UntilKnownAsync(reader);

        await RunAsync("read_only", reader, stream);
    }

    private async Task RunAsync(string scenario, AccessKey key, params string[] more)
    {
        var endpoint = fixture.Endpoint;
        await Peer.RequireAsync();
        var environment = new Dictionary<string, string>(Peer.EnvironmentVariables);
        foreach (var (name, value) in key.Environment.Concat(Variables))
            environment[name] = value;
        var outcome = await ChildProcess.RunAsync(Peer.Program, [Repository.PeerScript(Peer.Script), scenario, endpoint, .. more], Patience, environment);
        TestContext.Current.TestOutputHelper?.WriteLine(outcome.Output);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }

    /// <summary>What a client needs beyond its key.</summary>
    private protected virtual Dictionary<string, string> Variables => [];
}

/// <summary>Debian's boto3: HTTP/1.1.</summary>
public sealed class SignedBoto3Tests(SecureServerFixture fixture) : SignedPeerTests(fixture), IClassFixture<SecureServerFixture>
{
    internal override Peer Peer => Peer.Boto3;
}

/// <summary>Debian's AWS command line: HTTP/1.1.</summary>
public sealed class SignedAwsCommandLineTests(SecureServerFixture fixture) : SignedPeerTests(fixture), IClassFixture<SecureServerFixture>
{
    internal override Peer Peer => Peer.AwsCommandLine;
}

/// <summary>The JavaScript SDK: HTTP/2 with prior knowledge, whose authority is the signed host.</summary>
public sealed class SignedJavaScriptSdkTests(SecureServerFixture fixture) : SignedPeerTests(fixture), IClassFixture<SecureServerFixture>
{
    internal override Peer Peer => Peer.JavaScriptSdk;
}

/// <summary>The JavaScript SDK: HTTP/2 under TLS.</summary>
public sealed class SignedJavaScriptSdkOverTlsTests(SecureTlsServerFixture fixture) : SignedPeerTests(fixture), IClassFixture<SecureTlsServerFixture>
{
    internal override Peer Peer => Peer.JavaScriptSdk;

    private protected override Dictionary<string, string> Variables => new() { ["NODE_EXTRA_CA_CERTS"] = fixture.Certificate };
}

/// <summary>boto3 under TLS.</summary>
public sealed class SignedBoto3OverTlsTests(SecureTlsServerFixture fixture) : SignedPeerTests(fixture), IClassFixture<SecureTlsServerFixture>
{
    internal override Peer Peer => Peer.Boto3;

    private protected override Dictionary<string, string> Variables => new() { ["AWS_CA_BUNDLE"] = fixture.Certificate };
}
