namespace Weir.Server.Tests.Operations;

/// <summary>DescribeLimits: counts of one account in one region.</summary>
public sealed class DescribeLimitsTests
{
    [Fact]
    public async Task Open_shards_of_provisioned_streams_and_on_demand_streams_of_the_region_are_counted()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateStreamAsync("orders", shards: 3);
        (await server.SplitAsync("orders", 0, "1000")).Succeeded();
        (await server.CallAsync("CreateStream", new { StreamName = "elsewhere", ShardCount = 2 }, "eu-west-1")).Succeeded();
        (await server.CallAsync("CreateStream", new { StreamName = "on-demand" })).Succeeded();
        (await server.CallAsync("CreateStream", new { StreamName = "on-demand-too", StreamModeDetails = new { StreamMode = "ON_DEMAND" } })).Succeeded();
        Assert.Equal(
            """{"ShardLimit":20000,"OpenShardCount":4,"OnDemandStreamCount":2,"OnDemandStreamCountLimit":50,"ChannelCount":0}""",
            (await server.CallAsync("DescribeLimits", new { })).Text);
        Assert.Equal(2, (await server.CallAsync("DescribeLimits", new { }, "eu-west-1")).Succeeded().GetProperty("OpenShardCount").GetInt32());
    }
}
