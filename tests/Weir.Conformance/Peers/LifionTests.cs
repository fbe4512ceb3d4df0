using Weir.Conformance.Server;

namespace Weir.Conformance.Peers;

/// <summary>
/// A consumer library of another language, with its leases in a DynamoDB table: lifion-kinesis for Node.js, the table served by
/// dynalite. Two processes share the shards while a producer writes, a shard is split and its children are merged again.
/// </summary>
public sealed class LifionTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public Task Two_polling_consumers_lose_nothing_across_a_split_and_a_merge() => RunAsync("polling");

    [Fact]
    public Task Two_fan_out_consumers_lose_nothing_across_a_split_and_a_merge() => RunAsync("fanout");

    private async Task RunAsync(string mode)
    {
        var endpoint = fixture.Endpoint.ToString().TrimEnd('/');
        var peer = Peer.LifionKinesis;
        await peer.RequireAsync();
        var outcome = await ChildProcess.RunAsync(peer.Program, [Repository.PeerScript(peer.Script), mode, endpoint], Patience, peer.EnvironmentVariables);
        TestContext.Current.TestOutputHelper?.WriteLine(outcome.Output);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }
}
