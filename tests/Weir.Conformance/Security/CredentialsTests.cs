using Weir.Conformance.Server;

namespace Weir.Conformance.Security;

/// <summary>The command line's own client, and what an operator sees of a server with credentials.</summary>
public sealed class CredentialsTests(SecureServerFixture fixture) : IClassFixture<SecureServerFixture>
{
    [Fact]
    public async Task Our_client_is_let_in_by_its_key_and_by_no_other()
    {
        var endpoint = fixture.Endpoint;
        var right = await fixture.RunAsync(fixture.Owner, "stream", "list", "--endpoint", endpoint);
        Assert.True(right.ExitCode == 0, right.ToString());

        var wrong = await fixture.RunAsync(fixture.Owner with { SecretAccessKey = "wrong" }, "stream", "list", "--endpoint", endpoint);
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("(InvalidSignatureException)", wrong.Error, StringComparison.Ordinal);
        var none = await fixture.RunAsync(null, "stream", "list", "--endpoint", endpoint);
        Assert.Contains("(UnrecognizedClientException)", none.Error, StringComparison.Ordinal);
        // Supervisors ask without a signature.
        using var http = new HttpClient();
        Assert.Equal("ok\n", await http.GetStringAsync($"{endpoint}/_weir/health/ready", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_removed_key_is_refused_by_the_running_server()
    {
        var key = await fixture.AddAsync();
        await fixture.UntilKnownAsync(key);
        Assert.Equal(0, (await fixture.RunAsync(null, "credentials", "remove", key.AccessKeyId, "--file", fixture.CredentialsFile)).ExitCode);

        await Polling.UntilAsync<object>("the key is refused", TimeSpan.FromMinutes(1), async () =>
            (await fixture.RunAsync(key, "stream", "list", "--endpoint", fixture.Endpoint)).Error.Contains("(UnrecognizedClientException)", StringComparison.Ordinal) ? key : null);
    }

    [Fact]
    public async Task With_credentials_a_server_may_be_reached_from_other_machines()
    {
        using var folder = new TemporaryFolder();
        await using var server = await WeirServer.StartAsync("--data", folder.Path, "--host", "0.0.0.0", "--credentials", fixture.CredentialsFile);

        Assert.Contains($"requests have to be signed with an access key of {fixture.CredentialsFile}", server.ErrorText, StringComparison.Ordinal);
        Assert.Equal(0, await server.TerminateAsync());
    }

    [Fact]
    public async Task No_secret_is_in_what_the_server_logs()
    {
        using var folder = new TemporaryFolder();
        await using var server = await WeirServer.StartAsync("--data", folder.Path, "--log-level", "trace", "--credentials", fixture.CredentialsFile);
        var listed = await fixture.RunAsync(fixture.Owner, "stream", "list", "--endpoint", server.Endpoint.ToString());
        Assert.True(listed.ExitCode == 0, listed.ToString());
        Assert.Equal(0, await server.TerminateAsync());

        Assert.NotEmpty(server.ErrorText);
        Assert.DoesNotContain(fixture.Owner.SecretAccessKey, server.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain("Signature=", server.ErrorText, StringComparison.Ordinal);
    }
}
