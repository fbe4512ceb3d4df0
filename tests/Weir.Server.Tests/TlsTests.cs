using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.TestKit;

namespace Weir.Server.Tests;

/// <summary>TLS on the one port: both versions of HTTP, certificates that stay and certificates that are given.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _time = new(TestServer.Begin);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Both_versions_of_HTTP_are_served_and_the_kept_certificate_is_trusted(int version)
    {
        await using var server = await StartAsync();
        Assert.Equal("https", server.Endpoint.Scheme);
        using var http = Client(server.CertificateFile!);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Endpoint, "/_weir/health/live"))
        {
            Version = new Version(version, version == 1 ? 1 : 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(request.Version, response.Version);
    }

    [Fact]
    public async Task A_client_that_does_not_know_the_certificate_refuses_it()
    {
        await using var server = await StartAsync();
        using var http = new HttpClient();
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(server.Endpoint, TestContext.Current.CancellationToken));
        Assert.Equal(HttpRequestError.SecureConnectionError, failure.HttpRequestError);
    }

    [Fact]
    public async Task The_certificate_is_the_same_after_a_restart_and_its_key_is_its_owners()
    {
        string first;
        await using (var server = await StartAsync())
            first = await File.ReadAllTextAsync(server.CertificateFile!, TestContext.Current.CancellationToken);
        await using (var server = await StartAsync())
            Assert.Equal(first, await File.ReadAllTextAsync(server.CertificateFile!, TestContext.Current.CancellationToken));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory.Path, "weir-key.pem")));
    }

    [Fact]
    public async Task A_certificate_that_is_about_to_end_is_replaced()
    {
        string first;
        await using (var server = await StartAsync())
            first = await File.ReadAllTextAsync(server.CertificateFile!, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromDays(800));
        await using (var server = await StartAsync())
            Assert.NotEqual(first, await File.ReadAllTextAsync(server.CertificateFile!, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_given_certificate_is_shown_with_its_chain()
    {
        // A root that clients know, an authority below it that they do not know, and the server's certificate.
        using var rootKey = ECDsa.Create();
        using var root = Authority("CN=root", rootKey).CreateSelfSigned(TestServer.Begin.AddDays(-1), TestServer.Begin.AddYears(9));
        using var authorityKey = ECDsa.Create();
        using var unsigned = Authority("CN=authority", authorityKey).Create(root, TestServer.Begin, TestServer.Begin.AddYears(8), [5]);
        using var authority = unsigned.CopyWithPrivateKey(authorityKey);
        using var key = ECDsa.Create();
        using var leaf = new CertificateRequest("CN=given", key, HashAlgorithmName.SHA256).Create(authority, TestServer.Begin, TestServer.Begin.AddYears(7), [7]);
        var certificateFile = Path.Combine(_directory.Path, "given.pem");
        var keyFile = Path.Combine(_directory.Path, "given.key");
        await File.WriteAllTextAsync(certificateFile, leaf.ExportCertificatePem() + "\n" + authority.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);

        await using var server = await WeirServer.StartAsync(
            new WeirServerOptions { Port = 0, DataDirectory = null, Tls = true, TlsCertificateFile = certificateFile, TlsKeyFile = keyFile, Time = _time },
            TestContext.Current.CancellationToken);
        var shown = new List<string>();
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            shown.Add(certificate!.Subject);
            shown.AddRange(chain!.ChainPolicy.ExtraStore.Select(other => other.Subject));
            return true;
        };
        using var http = new HttpClient(handler);
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri(server.Endpoint, "/_weir/health/live"), TestContext.Current.CancellationToken));
        Assert.Equal(["CN=given", "CN=authority"], shown.Distinct());
        Assert.Equal(certificateFile, server.CertificateFile);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_is_named()
    {
        var missing = Path.Combine(_directory.Path, "missing.pem");
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => WeirServer.StartAsync(
            new WeirServerOptions { Port = 0, DataDirectory = null, Tls = true, TlsCertificateFile = missing, TlsKeyFile = missing },
            TestContext.Current.CancellationToken));
        Assert.Contains(missing, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "a.pem", null, "TlsKeyFile is missing")]
    [InlineData(true, null, "a.key", "TlsCertificateFile is missing")]
    [InlineData(false, "a.pem", "a.key", "Tls is off")]
    public async Task Options_that_do_not_fit_are_named(bool tls, string? certificate, string? key, string expected)
    {
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => WeirServer.StartAsync(
            new WeirServerOptions { Port = 0, DataDirectory = null, Tls = tls, TlsCertificateFile = certificate, TlsKeyFile = key },
            TestContext.Current.CancellationToken));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        return request;
    }

    private Task<WeirServer> StartAsync() => WeirServer.StartAsync(
        new WeirServerOptions { Port = 0, DataDirectory = _directory.Path, Tls = true, Time = _time }, TestContext.Current.CancellationToken);

    // Trusts this certificate and no other, as a client does that was given it as its bundle; at the server's time, which is virtual.
    private HttpClient Client(string certificateFile)
    {
        var trusted = X509Certificate2.CreateFromPem(File.ReadAllText(certificateFile));
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationTimeIgnored = false,
            VerificationTime = _time.GetUtcNow().UtcDateTime,
        };
        policy.CustomTrustStore.Add(trusted);
        return new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } });
    }
}
