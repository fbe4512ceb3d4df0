using System.Text.Json;
using Weir.Conformance.Server;

namespace Weir.Conformance.Lifecycle;

public sealed class BenchShardsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_bench_of_shards_measures_both_its_servers_and_leaves_none_behind()
    {
        WeirServer.Require();
        var outcome = await ChildProcess.RunAsync(
            Repository.WeirProgram, ["bench", "shards", "--streams", "3", "--shards", "7", "--samples", "3", "--json", "-"], Patience, environment: null);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        using var json = JsonDocument.Parse(outcome.Output);
        var servers = json.RootElement.EnumerateArray().ToList();
        Assert.Equal([(1, 1), (3, 7)], servers.Select(server => (server.GetProperty("streams").GetInt32(), server.GetProperty("shards").GetInt32())));
        foreach (var server in servers)
        {
            Assert.True(server.GetProperty("residentBytes").GetInt64() > 1_000_000);
            Assert.Equal(5, server.GetProperty("startMilliseconds").EnumerateArray().Count(start => start.GetDouble() > 0));
            Assert.All(server.GetProperty("callMilliseconds").EnumerateObject(), call => Assert.True(call.Value.GetProperty("max").GetDouble() > 0, call.Name));
        }
    }
}
