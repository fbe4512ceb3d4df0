using System.Net;
using System.Text;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Http;

/// <summary>
/// A connection's first bytes tell its protocol. Until they have come the server waits, in its own time, and holds nothing
/// but a timer; the facts count those timers to know what the server has noticed.
/// </summary>
public sealed class ProtocolSnifferTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(130);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PR")]
    public async Task A_connection_that_says_too_little_is_closed_after_exactly_130_seconds(string said)
    {
        await using var server = await StartAsync();
        var timers = server.Time.ActiveTimers;
        using var connection = await RawConnection.OpenAsync(server.Server.Endpoint);
        await UntilAsync("the connection is waited for", () => server.Time.ActiveTimers == timers + 1);
        await connection.SendAsync(Encoding.ASCII.GetBytes(said));
        server.Time.Advance(Timeout - Moment);
        Assert.Equal(timers + 1, server.Time.ActiveTimers);
        server.Time.Advance(Moment);
        Assert.Empty(await connection.ReceiveAsync());
        await UntilAsync("the connection is forgotten", () => server.Time.ActiveTimers == timers);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_request_that_comes_at_the_last_moment_is_served(int sentBefore)
    {
        await using var server = await StartAsync();
        var timers = server.Time.ActiveTimers;
        using var connection = await RawConnection.OpenAsync(server.Server.Endpoint);
        await UntilAsync("the connection is waited for", () => server.Time.ActiveTimers == timers + 1);
        var request = RawConnection.Request("ListStreams", "{}");
        await connection.SendAsync(request.AsMemory(0, sentBefore));
        server.Time.Advance(Timeout - Moment);
        await connection.SendAsync(request.AsMemory(sentBefore));
        Assert.Equal("HTTP/1.1 200 OK", await connection.StatusLineAsync());
        // From now on its protocol looks after it.
        Assert.Equal(timers, server.Time.ActiveTimers);
        server.Time.Advance(Timeout * 10);
        await connection.SendAsync(request);
        Assert.Contains("HTTP/1.1 200 OK", Encoding.ASCII.GetString(await connection.ReceiveAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PR")]
    [InlineData("PRI * HTT")]
    public async Task A_client_that_goes_away_is_forgotten(string said)
    {
        await using var server = await StartAsync();
        var timers = server.Time.ActiveTimers;
        using (var connection = await RawConnection.OpenAsync(server.Server.Endpoint))
        {
            await UntilAsync("the connection is waited for", () => server.Time.ActiveTimers == timers + 1);
            await connection.SendAsync(Encoding.ASCII.GetBytes(said));
        }

        await UntilAsync("the connection is forgotten", () => server.Time.ActiveTimers == timers);
    }

    [Theory]
    [InlineData("P")]
    [InlineData("PR")]
    [InlineData("GET")]
    public async Task A_client_that_ends_within_its_first_bytes_is_let_go(string said)
    {
        await using var server = await StartAsync();
        var timers = server.Time.ActiveTimers;
        using var connection = await RawConnection.OpenAsync(server.Server.Endpoint);
        await connection.SendAsync(Encoding.ASCII.GetBytes(said));
        connection.EndSending();
        // An end or HTTP/1.1's complaint and an end; never silence.
        var answer = Encoding.ASCII.GetString(await connection.ReceiveAsync());
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), answer);
        await UntilAsync("the connection is forgotten", () => server.Time.ActiveTimers == timers);
    }

    [Fact]
    public async Task A_preface_that_goes_wrong_after_its_first_letters_is_not_answered_as_HTTP_1_1()
    {
        await using var server = await StartAsync();
        using var connection = await RawConnection.OpenAsync(server.Server.Endpoint);
        await connection.SendAsync("PRIVATE / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        // HTTP/2 says what it thinks in its own frames, or just ends.
        Assert.DoesNotContain("200 OK", Encoding.ASCII.GetString(await connection.ReceiveAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_stops_with_connections_that_have_said_nothing()
    {
        var server = await StartAsync();
        var timers = server.Time.ActiveTimers;
        using var silent = await RawConnection.OpenAsync(server.Server.Endpoint);
        using var half = await RawConnection.OpenAsync(server.Server.Endpoint);
        await half.SendAsync("PR"u8.ToArray());
        await UntilAsync("both are waited for", () => server.Time.ActiveTimers == timers + 2);
        await server.Server.StopAsync(TimeSpan.Zero);
        Assert.Empty(await silent.ReceiveAsync());
        Assert.Empty(await half.ReceiveAsync());
        await server.DisposeAsync();
    }

    [Fact]
    public async Task HTTP_2_by_prior_knowledge_shares_the_port()
    {
        await using var server = await StartAsync();
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.GetAsync(new Uri(server.Server.Endpoint, "/_weir/health/live"), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (response.StatusCode, response.Version));
    }
}
