using System.Net;
using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.TestControls;

/// <summary>The server's clock, moved through its page. The machine's clock is a manual one that nobody moves, so all times are exact.</summary>
public sealed class ClockTests
{
    private const string Clock = "/_weir/clock";

    [Fact]
    public async Task The_clock_shows_the_servers_time()
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        AssertClock((await controls.GetAsync(Clock)).Succeeded(), "2026-01-01T00:00:00.000Z", frozen: false, ahead: 0);
        server.Time.Advance(TimeSpan.FromMilliseconds(1500));
        AssertClock((await controls.GetAsync(Clock)).Succeeded(), "2026-01-01T00:00:01.500Z", frozen: false, ahead: 0);
    }

    [Fact]
    public async Task It_is_frozen_moved_set_and_resumed()
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        AssertClock(await controls.ClockAsync("""{"advance":"24h"}"""), "2026-01-02T00:00:00.000Z", frozen: false, ahead: 86400);
        AssertClock(await controls.ClockAsync("""{"advance":0.25}"""), "2026-01-02T00:00:00.250Z", frozen: false, ahead: 86400.25);
        AssertClock(await controls.ClockAsync("""{"freeze":true}"""), "2026-01-02T00:00:00.250Z", frozen: true, ahead: 86400.25);
        server.Time.Advance(TimeSpan.FromSeconds(1));
        AssertClock(await controls.ClockAsync("""{"set":"2026-01-03T02:00:00+02:00"}"""), "2026-01-03T00:00:00.000Z", frozen: true, ahead: 172799);
        AssertClock(await controls.ClockAsync("""{"advance":"1.5s","resume":true}"""), "2026-01-03T00:00:01.500Z", frozen: false, ahead: 172800.5);
        AssertClock(await controls.ClockAsync("""{"freeze":true,"advance":0}"""), "2026-01-03T00:00:01.500Z", frozen: true, ahead: 172800.5);
        AssertClock(await controls.ClockAsync("""{"set":"2026-01-03T00:00:02.250"}"""), "2026-01-03T00:00:02.250Z", frozen: true, ahead: 172801.25);
        AssertClock(await controls.ClockAsync("""{"set":"2026-01-04"}"""), "2026-01-04T00:00:00.000Z", frozen: true, ahead: 259199);
    }

    [Fact]
    public async Task An_on_demand_stream_has_followed_its_traffic_when_a_move_of_the_clock_is_answered()
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        await controls.ClockAsync("""{"freeze":true}""");
        (await server.CallAsync("CreateStream", new { StreamName = "orders" })).Succeeded();
        // One shard takes 600 records a second, for longer than the rule wants to see.
        var records = new { StreamName = "orders", Records = Enumerable.Repeat(new { Data = Array.Empty<byte>(), PartitionKey = "k" }, 500).ToArray() };
        for (var minute = 0; minute < 40 && await OpenShardsAsync(server) == 4; minute++)
        {
            for (var put = 0; put < 72; put++)
                (await server.CallAsync("PutRecords", records)).Succeeded();
            await controls.ClockAsync("""{"advance":"1m"}""");
        }

        Assert.Equal(5, await OpenShardsAsync(server));
    }

    [Theory]
    [InlineData("", "The body is empty; it must be a JSON object.")]
    [InlineData("[]", "The body is []; it must be a JSON object.")]
    [InlineData("{}", "The body says nothing; it must have freeze, advance, set or resume.")]
    [InlineData("""{"advanse":"24h"}""", "There is no member advanse here; there are advance, freeze, resume, set.")]
    [InlineData("""{"advance":"24x"}""", """advance is "24x"; it must be a number of seconds, or a text such as "250ms", "10s", "5m", "24h" or "7d", up to 1000d.""")]
    [InlineData("""{"advance":-1}""", """advance is -1; it must be a number of seconds, or a text such as "250ms", "10s", "5m", "24h" or "7d", up to 1000d.""")]
    [InlineData("""{"advance":"1001d"}""", """advance is "1001d"; it must be a number of seconds, or a text such as "250ms", "10s", "5m", "24h" or "7d", up to 1000d.""")]
    [InlineData("""{"advance":true}""", """advance is true; it must be a number of seconds, or a text such as "250ms", "10s", "5m", "24h" or "7d", up to 1000d.""")]
    [InlineData("""{"advance":1,"advance":2}""", "advance is there twice.")]
    [InlineData("""{"freeze":false}""", """freeze is false; it must be true. To let the clock run again, send {"resume":true}.""")]
    [InlineData("""{"resume":1}""", """resume is 1; it must be true. To stop the clock, send {"freeze":true}.""")]
    [InlineData("""{"freeze":true,"resume":true}""", "freeze and resume exclude each other.")]
    [InlineData("""{"advance":1,"set":"2027-01-01T00:00:00Z"}""", "advance and set exclude each other.")]
    [InlineData("""{"set":"tomorrow"}""", """set is "tomorrow"; it must be a time in ISO 8601 such as "2027-01-01T00:00:00Z".""")]
    [InlineData("""{"set":"12:00"}""", """set is "12:00"; it must be a time in ISO 8601 such as "2027-01-01T00:00:00Z".""")]
    [InlineData("""{"set":"2025-12-31T23:59:59.999Z"}""", "set is 2025-12-31T23:59:59.999Z, and the clock shows 2026-01-01T00:00:00.000Z; time only goes forward.")]
    [InlineData("""{"set":"2100-01-01T00:00:00Z"}""", "set is 2100-01-01T00:00:00.000Z, and the clock shows 2026-01-01T00:00:00.000Z; it moves at most 1000d at once.")]
    public async Task Nonsense_is_refused_in_a_sentence_and_changes_nothing(string body, string complaint)
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        await controls.AssertRefusedAsync(Clock, body, complaint);
        AssertClock((await controls.GetAsync(Clock)).Succeeded(), "2026-01-01T00:00:00.000Z", frozen: false, ahead: 0);
    }

    [Fact]
    public async Task What_is_no_JSON_or_too_much_of_it_is_refused()
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        var reply = await controls.SendAsync(HttpMethod.Post, Clock, "advance=24h");
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.StartsWith("""{"error":"The body is not JSON: """, reply.Text, StringComparison.Ordinal);
        await controls.AssertRefusedAsync(Clock, new string(' ', 65 * 1024), "The body is larger than 65536 bytes.");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await controls.DeleteAsync(Clock)).Status);
    }

    [Fact]
    public async Task A_record_of_yesterday_is_out_of_reach_at_once()
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "old");
        await controls.ClockAsync("""{"advance":"24h"}""");
        Assert.Equal(["old"], (await server.ReadAsync(await server.IteratorAsync("orders"))).Texts);
        await controls.ClockAsync("""{"advance":"1ms"}""");
        await server.PutTextAsync("orders", "new");
        Assert.Equal(["new"], (await server.ReadAsync(await server.IteratorAsync("orders"))).Texts);
    }

    [Fact]
    public async Task An_iterator_expires_after_its_five_minutes()
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        await server.CreateStreamAsync("orders");
        var iterator = await server.IteratorAsync("orders");
        await controls.ClockAsync("""{"advance":"5m"}""");
        (await server.GetRecordsAsync(iterator)).Succeeded();
        await controls.ClockAsync("""{"advance":"1s"}""");
        Assert.Contains("ExpiredIteratorException", (await server.GetRecordsAsync(iterator)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transitions_that_became_due_are_over_when_the_clock_answers()
    {
        await using var server = await StartAsync(testControls: true, transitionDelay: TimeSpan.FromSeconds(10));
        using var controls = new ControlClient(server);
        await server.CreateStreamAsync("orders", shards: 2);
        Assert.Equal("CREATING", await server.StatusAsync("orders"));
        await controls.ClockAsync("""{"advance":"9999ms"}""");
        Assert.Equal("CREATING", await server.StatusAsync("orders"));
        await controls.ClockAsync("""{"advance":"1ms"}""");
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
        // A scaling is many steps in the background.
        (await server.CallAsync("UpdateShardCount", new { StreamName = "orders", TargetShardCount = 4, ScalingType = "UNIFORM_SCALING" })).Succeeded();
        Assert.Equal("UPDATING", await server.StatusAsync("orders"));
        await controls.ClockAsync("""{"advance":"10s"}""");
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        await controls.ClockAsync("""{"advance":"10s"}""");
        (await server.CallAsync("DescribeStream", new { StreamName = "orders" })).AssertNotFound(NotFound("orders"));
    }

    [Fact]
    public async Task What_goes_on_without_a_delay_is_waited_for_too()
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        await server.CreateStreamAsync("orders", shards: 16);
        (await server.CallAsync("UpdateShardCount", new { StreamName = "orders", TargetShardCount = 32, ScalingType = "UNIFORM_SCALING" })).Succeeded();
        await controls.ClockAsync("""{"advance":0}""");
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
    }

    [Fact]
    public async Task What_has_expired_is_given_back_when_the_clock_answers()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await StartAsync(testControls: true, dataDirectory: directory.Path);
        using var controls = new ControlClient(server);
        await server.CreateStreamAsync("orders");
        for (var i = 0; i < 4; i++)
            await server.PutTextAsync("orders", new string('x', 500_000));
        var before = StoredBytes();
        await controls.ClockAsync("""{"advance":"25h"}""");
        Assert.True(StoredBytes() < before, $"{before} bytes before, {StoredBytes()} after");

        long StoredBytes() => new DirectoryInfo(directory.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
    }

    [Fact]
    public async Task A_throttle_refills_by_the_clock_and_not_by_the_machines()
    {
        await using var server = await StartAsync(limits: true, testControls: true);
        using var controls = new ControlClient(server);
        await server.CreateStreamAsync("orders");
        var iterator = await server.IteratorAsync("orders");
        await controls.ClockAsync("""{"freeze":true}""");
        for (var i = 0; i < 5; i++)
            (await server.GetRecordsAsync(iterator)).Succeeded();
        (await server.GetRecordsAsync(iterator)).AssertThrottled("orders", 0);
        server.Time.Advance(TimeSpan.FromHours(1));
        (await server.GetRecordsAsync(iterator)).AssertThrottled("orders", 0);
        await controls.ClockAsync("""{"advance":"1s"}""");
        (await server.GetRecordsAsync(iterator)).Succeeded();
    }

    [Fact]
    public async Task Changes_at_the_same_time_come_one_after_the_other()
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => controls.ClockAsync("""{"advance":"1h"}""")));
        AssertClock((await controls.GetAsync(Clock)).Succeeded(), "2026-01-01T20:00:00.000Z", frozen: false, ahead: 72000);
    }

    [Fact]
    public async Task The_Date_of_an_answer_stays_the_machines()
    {
        await using var server = await StartAsync(testControls: true);
        using var controls = new ControlClient(server);
        await controls.ClockAsync("""{"advance":"300d"}""");
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(server.Server.Endpoint, Clock), TestContext.Current.CancellationToken);
        // Kestrel's own: the system's clock. The client's clock is that too, and it signs by it.
        Assert.InRange(response.Headers.Date!.Value, TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(5), TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_pages_are_there_only_when_they_were_asked_for(bool testControls)
    {
        await using var server = await StartAsync(testControls: testControls);
        using var controls = new ControlClient(server);
        var expected = testControls ? HttpStatusCode.OK : HttpStatusCode.NotFound;
        Assert.Equal(expected, (await controls.GetAsync(Clock)).Status);
        Assert.Equal(expected, (await controls.GetAsync("/_weir/faults")).Status);
        Assert.Equal(expected, (await controls.SendAsync(HttpMethod.Post, Clock, """{"advance":"1h"}""")).Status);
        Assert.Equal(testControls, (await controls.GetAsync("/_weir/info")).Succeeded().GetProperty("testControls").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await controls.GetAsync("/_weir/clocks")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await controls.GetAsync("/_weir/clock/1")).Status);
    }

    private static void AssertClock(JsonElement clock, string now, bool frozen, double ahead)
    {
        Assert.Equal((now, frozen, ahead), (clock.GetProperty("now").GetString(), clock.GetProperty("frozen").GetBoolean(), clock.GetProperty("aheadSeconds").GetDouble()));
        Assert.Equal(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(), (long)Math.Round(clock.GetProperty("nowSeconds").GetDouble() * 1000));
    }

    private static async Task<int> OpenShardsAsync(TestServer server) => (await server.CallAsync("DescribeStreamSummary", new { StreamName = "orders" }))
        .Succeeded().GetProperty("StreamDescriptionSummary").GetProperty("OpenShardCount").GetInt32();
}
