using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Weir.Streams;
using Weir.TestKit;

namespace Weir.Server.Tests;

/// <summary>A server as a part of another program: several of them, starts that fail, and stops that come twice.</summary>
public sealed class EmbeddingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task Two_servers_in_one_process_know_nothing_of_each_other()
    {
        var time = new ManualTimeProvider(TestServer.Begin);
        await using var first = await TestServer.StartAsync(time: time);
        await using var second = await TestServer.StartAsync(time: time);
        await first.CreateStreamAsync("orders");
        var iterator = await first.IteratorAsync("orders");
        (await second.CallAsync("DescribeStream", new { StreamName = "orders" })).AssertNotFound(TestServer.NotFound("orders"));
        await second.CreateStreamAsync("orders");
        (await second.GetRecordsAsync(iterator)).AssertInvalidArgument("Invalid ShardIterator.");
        await first.DisposeAsync();
        await second.PutTextAsync("orders", "still served");
    }

    [Fact]
    public async Task A_port_in_use_is_said_and_leaves_nothing_behind()
    {
        using var occupier = new TcpListener(IPAddress.Loopback, 0);
        occupier.Start();
        var port = ((IPEndPoint)occupier.LocalEndpoint).Port;
        var exception = await Assert.ThrowsAsync<IOException>(() => StartAsync(port));
        Assert.Contains($"127.0.0.1:{port}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("in use", exception.Message, StringComparison.OrdinalIgnoreCase);
        AssertNoOpenFiles();
        await (await StartAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_data_directory_in_use_is_said_and_its_owner_goes_on()
    {
        await using var owner = await StartAsync();
        var exception = await Assert.ThrowsAsync<DataDirectoryInUseException>(() => StartAsync());
        Assert.Contains(_directory.Path, exception.Message, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId} on", exception.Owner, StringComparison.Ordinal);
        await AssertServesAsync(owner);
    }

    [Fact]
    public async Task A_catalog_from_the_future_ends_the_start_and_lets_go_of_every_file()
    {
        await (await StartAsync()).DisposeAsync();
        var present = SetCatalogVersion(99);
        Assert.Contains("99", (await Assert.ThrowsAsync<InvalidDataException>(() => StartAsync())).Message, StringComparison.Ordinal);
        AssertNoOpenFiles();
        SetCatalogVersion(present);
        await (await StartAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_cancelled_start_lets_go_of_every_file()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => StartAsync(cancellationToken: cancelled.Token));
        AssertNoOpenFiles();
        await (await StartAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_stopped_servers_port_and_directory_are_free()
    {
        var server = await StartAsync();
        var port = server.Endpoint.Port;
        await server.StopAsync(TimeSpan.FromSeconds(30));
        AssertNoOpenFiles();
        await using var next = await StartAsync(port);
        Assert.Equal(port, next.Endpoint.Port);
        await AssertServesAsync(next);
    }

    [Fact]
    public async Task Stopping_twice_and_disposing_is_one_stop()
    {
        var server = await StartAsync();
        await server.StopAsync(TimeSpan.FromSeconds(30));
        await server.StopAsync(TimeSpan.Zero);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_stops_a_server_finds_it_stopped_afterwards()
    {
        var server = await StartAsync();
        using var connection = await RawConnection.OpenAsync(server.Endpoint);
        await connection.SendAsync(RawConnection.Head("ListStreams", 2, "Expect: 100-continue\r\n"));
        Assert.Equal("HTTP/1.1 100 Continue", await connection.StatusLineAsync());
        var first = server.StopAsync(TimeSpan.FromSeconds(60));
        var second = server.StopAsync(TimeSpan.Zero);
        Assert.False(second.IsCompleted);
        // The first stop is the one that counts, and it lets the request finish.
        await connection.SendAsync("{}"u8.ToArray());
        Assert.Equal("HTTP/1.1 200 OK", await connection.StatusLineAsync());
        await second;
        AssertNoOpenFiles();
        await first;
    }

    [Fact]
    public async Task A_stop_that_does_not_wait_for_a_request_under_way_closes_all_the_same()
    {
        var server = await StartAsync();
        using var connection = await RawConnection.OpenAsync(server.Endpoint);
        await connection.SendAsync(RawConnection.Head("ListStreams", 1000, "Expect: 100-continue\r\n"));
        Assert.Equal("HTTP/1.1 100 Continue", await connection.StatusLineAsync());
        await server.StopAsync(TimeSpan.Zero);
        AssertNoOpenFiles();
        Assert.Empty(await connection.ReceiveAsync());
    }

    public void Dispose() => _directory.Dispose();

    private Task<WeirServer> StartAsync(int port = 0, CancellationToken? cancellationToken = null) => WeirServer.StartAsync(
        new WeirServerOptions { Port = port, DataDirectory = _directory.Path, Time = new ManualTimeProvider() },
        cancellationToken ?? TestContext.Current.CancellationToken);

    private static async Task AssertServesAsync(WeirServer server)
    {
        using var client = new HttpClient();
        Assert.Equal("ok\n", await client.GetStringAsync(new Uri(server.Endpoint, "/_weir/health/live"), TestContext.Current.CancellationToken));
    }

    private int SetCatalogVersion(int version)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.Path, "catalog.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A number of this file.
        command.CommandText = "PRAGMA user_version";
        var before = Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
        command.CommandText = $"PRAGMA user_version = {version}";
#pragma warning restore CA2100
        command.ExecuteNonQuery();
        return before;
    }

    // Linux lists a process's open files; elsewhere the facts around this one have to do.
    private void AssertNoOpenFiles()
    {
        if (!OperatingSystem.IsLinux())
            return;
        Assert.DoesNotContain(
            new DirectoryInfo("/proc/self/fd").GetFiles().Select(file => file.LinkTarget),
            target => target?.StartsWith(_directory.Path, StringComparison.Ordinal) == true);
    }
}
