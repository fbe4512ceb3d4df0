using System.Net;
using System.Net.Sockets;

namespace Weir.Server.Tests;

/// <summary>Looks at what the whole process has, threads and standard error, so nothing else may run servers meanwhile.</summary>
[CollectionDefinition(nameof(ProcessTests), DisableParallelization = true)]
[Collection(nameof(ProcessTests))]
public sealed class ProcessTests
{
    [Fact]
    public async Task A_stopped_server_leaves_no_thread_of_its_log_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux lists a process's threads by name.");
        var before = LogThreads();
        for (var i = 0; i < 3; i++)
            await (await TestServer.StartAsync()).DisposeAsync();
        // A thread that has ended is listed a moment longer.
        await TestServer.UntilAsync("the threads are gone", () => LogThreads() <= before);

        using var occupier = new TcpListener(IPAddress.Loopback, 0);
        occupier.Start();
        var taken = new WeirServerOptions { Port = ((IPEndPoint)occupier.LocalEndpoint).Port, DataDirectory = null };
        await Assert.ThrowsAsync<IOException>(() => WeirServer.StartAsync(taken, TestContext.Current.CancellationToken));
        await TestServer.UntilAsync("the thread is gone", () => LogThreads() <= before);
    }

    [Fact]
    public async Task A_start_that_fails_throws_and_leaves_the_telling_to_its_caller()
    {
        using var occupier = new TcpListener(IPAddress.Loopback, 0);
        occupier.Start();
        var options = new WeirServerOptions { Port = ((IPEndPoint)occupier.LocalEndpoint).Port, DataDirectory = null };
        var standardError = Console.Error;
        using var said = new StringWriter();
        Console.SetError(said);
        try
        {
            await Assert.ThrowsAsync<IOException>(() => WeirServer.StartAsync(options, TestContext.Current.CancellationToken));
        }
        finally
        {
            Console.SetError(standardError);
        }

        Assert.Equal("", said.ToString());
    }

    [Fact]
    public async Task Clients_that_reset_their_connections_are_not_worth_a_word()
    {
        var standardError = Console.Error;
        using var said = new StringWriter();
        Console.SetError(said);
        try
        {
            await using var server = await WeirServer.StartAsync(new WeirServerOptions { Port = 0, DataDirectory = null }, TestContext.Current.CancellationToken);
            var request = RawConnection.Request("ListStreams", """{"Limit":10}""");
            // Before the first byte, in the head, in the body, and while the answer comes.
            for (var i = 0; i < 200; i++)
                await ResetAsync(server.Endpoint, request.AsMemory(0, request.Length * (i % 20) / 19));
        }
        finally
        {
            Console.SetError(standardError);
        }

        Assert.Equal("", said.ToString());
    }

    private static async Task ResetAsync(Uri endpoint, ReadOnlyMemory<byte> said)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(enable: true, seconds: 0) };
        await socket.ConnectAsync(IPAddress.Loopback, endpoint.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(said, TestContext.Current.CancellationToken);
        // So that some of it is read before the reset comes.
        await Task.Yield();
    }

    private static int LogThreads() => Directory.GetDirectories("/proc/self/task").Count(IsLogThread);

    // The console logger's writing thread, under the 15 characters that the kernel keeps of its name.
    private static bool IsLogThread(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("Console logger", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended since it was listed.
            return false;
        }
    }
}
