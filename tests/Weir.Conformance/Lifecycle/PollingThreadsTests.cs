using Weir.Conformance.Server;

namespace Weir.Conformance.Lifecycle;

/// <summary>A server that has its process to itself lets requests run on the threads that poll; with TLS, whose handshakes take too long for that, it does not.</summary>
public sealed class PollingThreadsTests
{
    [Fact]
    public async Task A_plain_text_server_has_a_polling_thread_for_each_processor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux lists a process's threads by name.");
        await using var server = await WeirServer.StartAsync("--memory");
        await AskAsync(server, new HttpClient());
        Assert.Equal(Environment.ProcessorCount, PollingThreads(server));
    }

    [Fact]
    public async Task With_tls_the_pool_has_the_requests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.ProcessorCount > 1, "It takes Linux and two processors to tell them apart.");
        await using var server = await WeirServer.StartAsync("--memory", "--tls");
        await AskAsync(server, new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator }));
        Assert.True(PollingThreads(server) < Environment.ProcessorCount);
    }

    private static async Task AskAsync(WeirServer server, HttpClient client)
    {
        using (client)
            Assert.Contains("\"version\"", await client.GetStringAsync(new Uri(server.Endpoint, "/_weir/info")), StringComparison.Ordinal);
    }

    private static int PollingThreads(WeirServer server) =>
        Directory.GetDirectories($"/proc/{server.ProcessId}/task").Count(task => File.ReadAllText(Path.Combine(task, "comm")).Trim() == ".NET Sockets");
}
