using Weir.Cli.Bench;
using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Tests.Bench;

/// <summary>The load of <c>weir bench overload</c> counts what it was answered: stored, refused by code, and what is no answer of the protocol.</summary>
public sealed class OverloadLoadTests(LocalServer server) : IClassFixture<LocalServer>
{
    private static readonly LoadPlan Plan = new()
    {
        Stream = "overloaded",
        Region = "us-east-1",
        Connections = 4,
        RecordBytes = 100,
        Batch = 10,
        RecordsPerSecond = 1000,
        Keys = 10,
        Duration = TimeSpan.FromMilliseconds(500),
        Warmup = TimeSpan.Zero,
    };

    [Fact]
    public async Task What_a_server_takes_is_counted_and_timed()
    {
        using (var client = new KinesisClient(new KinesisClientOptions { Endpoint = new Uri(server.Endpoint) }))
            await client.CreateStreamAsync(new CreateStreamRequest { StreamName = Plan.Stream, ShardCount = 1 }, TestContext.Current.CancellationToken);
        var result = await RunAsync(Plan);
        Assert.Equal(500, result.Offered);
        Assert.True(result.Accepted > 0, "Nothing was stored.");
        Assert.Equal((result.Accepted + 9) / 10, result.Latency.Count);
        Assert.Empty(result.Broken);
        // The first is due at once, so there may be one more than the rate says.
        Assert.Equal(Math.Max(0, result.Offered - result.Accepted), result.Unsent);
    }

    [Fact]
    public async Task A_refusal_is_counted_by_its_code()
    {
        var result = await RunAsync(Plan with { Stream = "not-there" });
        Assert.Equal(["ResourceNotFoundException"], result.Refused.Keys);
        Assert.Equal((0, 0), (result.Accepted, result.Broken.Count));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_no_answer_of_the_protocol()
    {
        // A port that was free a moment ago.
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var gone = new Uri($"http://{listener.LocalEndpoint}");
        listener.Stop();
        var result = await new OverloadLoad(Plan, gone, new RequestPool(Plan, gone, seed: 1), TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["ConnectionRefused"], result.Broken.Keys);
        Assert.Equal(0, result.Accepted);
    }

    private Task<OverloadResult> RunAsync(LoadPlan plan)
    {
        var endpoint = new Uri(server.Endpoint);
        return new OverloadLoad(plan, endpoint, new RequestPool(plan, endpoint, seed: 1), TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);
    }
}
