using System.Net;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.TestControls;

/// <summary>What the test controls do to subscriptions, over both versions of HTTP.</summary>
public sealed class SubscriptionFaultTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private ControlClient _controls = null!;
    private string _consumer = null!;

    public static TheoryData<string> Versions => new("1.1", "2.0");

    public async ValueTask InitializeAsync()
    {
        _server = await StartAsync(testControls: true, limits: true);
        _controls = new ControlClient(_server);
        await _server.CreateStreamAsync("orders");
        _consumer = await _server.RegisterAsync("orders");
    }

    public async ValueTask DisposeAsync()
    {
        _controls.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task It_breaks_off_in_place_of_an_event(string version)
    {
        var fault = await _controls.FaultAsync("""{"kind":"dropSubscription","consumer":"reader","shard":"0","afterEvents":2,"count":1}""");
        using (var events = await _server.SubscribeAsync(_consumer, version: new Version(version)))
        {
            foreach (var text in new[] { "1", "2" })
            {
                await _server.PutTextAsync("orders", text);
                Assert.Equal([text], (await events.EventAsync()).Texts);
            }

            await _server.PutTextAsync("orders", "3");
            await AssertBrokenAsync(events);
        }

        Assert.Equal((1, 1), await _controls.CountsAsync(fault));
        // The next one goes on where its reader says.
        await _controls.ClockAsync("""{"advance":"5s"}""");
        using var next = await _server.SubscribeAsync(_consumer, version: new Version(version));
        Assert.Equal(["1", "2", "3"], (await next.EventAsync()).Texts);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task It_breaks_off_after_a_time_of_the_clock(string version)
    {
        await _controls.FaultAsync("""{"kind":"dropSubscription","stream":"orders","after":"12s"}""");
        await _controls.ClockAsync("""{"freeze":true}""");
        using var events = await _server.SubscribeAsync(_consumer, version: new Version(version));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await _controls.ClockAsync("""{"advance":"5s"}""");
            Assert.Empty((await events.EventAsync()).Records);
        }

        await _controls.ClockAsync("""{"advance":"2s"}""");
        await AssertBrokenAsync(events);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task It_reaches_its_five_minutes_when_the_clock_is_moved_there(string version)
    {
        using var events = await _server.SubscribeAsync(_consumer, version: new Version(version));
        await _controls.ClockAsync("""{"advance":"5m"}""");
        var empty = 0;
        for (; await events.NextAsync() is { } message; empty++)
            Assert.Equal("SubscribeToShardEvent", message.Headers[":event-type"]);
        // As many as left while the clock moved: one for each five seconds at most.
        Assert.InRange(empty, 0, 60);
    }

    [Fact]
    public async Task Its_throttle_names_the_consumer_and_the_shard()
    {
        await _controls.FaultAsync("""{"kind":"throttle","operations":["SubscribeToShard"],"count":1}""");
        (await _server.RefusedAsync(FanOut.Request(_consumer, 0))).AssertLimitExceeded($"Rate exceeded for consumer {_consumer} and shard {ShardId(0)}.");
        using var events = await _server.SubscribeAsync(_consumer);
    }

    [Fact]
    public async Task One_whose_answer_is_lost_lets_go_of_its_place()
    {
        await _controls.FaultAsync("""{"kind":"reset","when":"after","operations":["SubscribeToShard"],"count":1}""");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => EventStream.OpenAsync(_server.Server.Endpoint, FanOut.Request(_consumer, 0)));
        await UntilAsync("the lost subscription is over", async () =>
        {
            // A live one refuses another within its first five seconds.
            await _controls.ClockAsync("""{"advance":"1s"}""");
            using var events = await EventStream.OpenAsync(_server.Server.Endpoint, FanOut.Request(_consumer, 0));
            return events.Response.StatusCode == HttpStatusCode.OK;
        });
    }

    // The end of an answer that is whole gives null; this one must not look whole.
    private static async Task AssertBrokenAsync(EventStream events)
    {
        var broken = await Record.ExceptionAsync(() => events.NextAsync());
        Assert.True(broken is IOException or HttpRequestException, $"{broken}");
    }
}
