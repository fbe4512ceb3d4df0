using System.Net;
using Microsoft.AspNetCore.Http;
using Weir.Server.Metrics;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Metrics;

/// <summary>What an operator asks of the server itself.</summary>
public sealed class ServerMetricsTests
{
    [Fact]
    public async Task Requests_are_counted_by_operation_and_error_and_what_clients_make_up_is_one_series()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "x");
        await server.PutTextAsync("orders", "x");
        await server.PutAsync("missing", "x");
        await server.CallAsync("NoSuchThing", new { });
        await server.CallAsync("NorThis", new { });
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (1, 2, 1, 2),
            (Requests(metrics, "CreateStream"), Requests(metrics, "PutRecord"), Requests(metrics, "PutRecord", "ResourceNotFoundException"),
             Requests(metrics, "none", "UnknownOperationException")));
        Assert.Equal(3, metrics.Find("weir_server_request_duration_seconds_count", "operation=\"PutRecord\""));
        Assert.Equal(0, metrics.Find("weir_server_requests_in_flight"));
        Assert.DoesNotContain("NoSuchThing", metrics.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_under_way_its_connection_and_its_bytes_are_seen()
    {
        await using var server = await StartAsync();
        using var connection = await RawConnection.OpenAsync(server.Server.Endpoint);
        await connection.SendAsync(RawConnection.Head("ListStreams", 1000, "Expect: 100-continue\r\n"));
        Assert.Equal("HTTP/1.1 100 Continue", await connection.StatusLineAsync());
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (1, 2, Weir.Model.BufferPool.LengthFor(1000), 512 * 1024 * 1024, 0, 0),
            (metrics.Find("weir_server_requests_in_flight"), metrics.Find("weir_server_connections"), metrics.Find("weir_server_budget_used_bytes"),
             metrics.Find("weir_server_budget_limit_bytes"), metrics.Find("weir_server_budget_waiting_bytes"), metrics.Find("weir_server_budget_refusals_total")));
    }

    [Fact]
    public async Task A_client_that_goes_away_is_no_success()
    {
        await using var server = await StartAsync();
        using (var connection = await RawConnection.OpenAsync(server.Server.Endpoint))
        {
            await connection.SendAsync(RawConnection.Head("ListStreams", 1000, "Expect: 100-continue\r\n"));
            Assert.Equal("HTTP/1.1 100 Continue", await connection.StatusLineAsync());
        }

        await UntilAsync("its end was seen", async () => (await server.MetricsAsync()).Find("weir_server_requests_in_flight") == 0);
        var metrics = await server.MetricsAsync();
        Assert.Equal((1, null), (Requests(metrics, "ListStreams", "ClientGone"), Requests(metrics, "ListStreams")));
        Assert.Equal(0, metrics.Find("weir_server_budget_used_bytes"));
    }

    [Fact]
    public async Task A_wait_for_room_that_was_in_vain_is_a_refusal()
    {
        var time = new TestKit.ManualTimeProvider();
        using var budget = new Server.Http.ByteBudget(10, TimeSpan.FromSeconds(10), time);
        using var all = budget.TryTake(10);
        var waiting = budget.TakeAsync(4, TestContext.Current.CancellationToken).AsTask();
        Assert.Equal((10, 4, 0), (budget.UsedBytes, budget.WaitingBytes, budget.Refusals));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(await waiting);
        Assert.Equal((10, 0, 1), (budget.UsedBytes, budget.WaitingBytes, budget.Refusals));
    }

    [Fact]
    public async Task What_is_stored_is_counted_by_status_state_and_stream()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await StartAsync(dataDirectory: directory.Path);
        await server.CreateStreamAsync("orders", shards: 2);
        await server.CreateStreamAsync("clicks");
        (await server.SplitAsync("clicks", 0)).Succeeded();
        await server.UntilStatusAsync("clicks", "ACTIVE");
        await server.PutTextAsync("orders", "x");
        var metrics = await server.MetricsAsync();
        Assert.Equal(
            (2, 4, 1, 0),
            (metrics.Find("weir_server_streams", "status=\"ACTIVE\""), metrics.Find("weir_server_shards", "state=\"OPEN\""),
             metrics.Find("weir_server_shards", "state=\"CLOSED\""), metrics.Find("weir_server_consumers")));
        Assert.True(metrics.Of("orders", "weir_stream_stored_bytes") > 0);
        Assert.Equal(0, metrics.Find("weir_log_discarded_bytes"));
        Assert.True(metrics.Find("weir_log_commit_duration_seconds_count") > 0, "Nothing was committed.");
        Assert.True(metrics.Find("weir_log_commit_size_bytes_sum") > 0, "Nothing was committed.");
        Assert.Contains("dotnet_process_memory_working_set_bytes ", metrics.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_says_its_format_and_is_the_same_when_nothing_happens()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "x");
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(server.Server.Endpoint, "/_weir/metrics"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        // The runtime's own numbers move by themselves, and the pool of buffers is the process's, where other tests run as well.
        static string[] Ours(MetricsText metrics) =>
            [.. metrics.Text.Split('\n').Where(line => line.StartsWith("weir_", StringComparison.Ordinal) && !line.StartsWith("weir_server_memory_buffers", StringComparison.Ordinal))];
        Assert.Equal(Ours(await server.MetricsAsync()), Ours(await server.MetricsAsync()));
    }

    [Theory]
    [InlineData(false, "127.0.0.1", 200)]
    [InlineData(false, "::1", 200)]
    [InlineData(false, "::ffff:127.0.0.1", 200)]
    [InlineData(false, "192.0.2.1", 403)]
    [InlineData(true, "192.0.2.1", 200)]
    public async Task A_server_that_asks_for_credentials_shows_them_to_its_own_machine_only(bool everyone, string client, int status)
    {
        using var collection = new MetricCollection(_ => false, (_, _) => true, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(client);
        await new MetricsPage(collection, everyone).AnswerAsync(http);
        Assert.Equal(status, http.Response.StatusCode);
    }

    private static double? Requests(MetricsText metrics, string operation, string? error = null) =>
        metrics.Find("weir_server_requests_total", $"operation=\"{operation}\"{(error is null ? "" : $",error_code=\"{error}\"")}");
}
