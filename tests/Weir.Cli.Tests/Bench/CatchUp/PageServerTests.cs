using Weir.Cli.Bench;
using Weir.Cli.Bench.CatchUp;
using Weir.Client;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Cli.Tests.Bench.CatchUp;

/// <summary>The yardstick of reading is only one if its pages are pages: the project's own client must read them like any server's.</summary>
public sealed class PageServerTests
{
    private const int RecordBytes = 3000;

    [Fact]
    public async Task Its_pages_are_read_by_a_client()
    {
        await using var app = await PageServer.StartAsync(RecordBytes);
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = BaselineServer.EndpointOf(app) });

        var page = await client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = PageServer.IteratorOf(2) }, TestContext.Current.CancellationToken);

        Assert.Equal(PageServer.RecordsOfPage(RecordBytes), page.Records!.Count);
        Assert.All(page.Records, record => Assert.Equal(RecordBytes, record.Data!.Value.Length));
        Assert.Equal(PageServer.IteratorOf(1), page.NextShardIterator);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("cbor")]
    public async Task A_lap_reads_as_many_pages_as_the_iterators_say(string wire)
    {
        await using var app = await PageServer.StartAsync(RecordBytes);
        var codec = wire == "cbor" ? WireCodec.Cbor : WireCodec.Json;
        var lap = new CatchUpLap(BaselineServer.EndpointOf(app), codec, "us-east-1", connections: 2, TimeProvider.System);

        var result = await lap.RunAsync([PageServer.IteratorOf(1), PageServer.IteratorOf(3), PageServer.IteratorOf(2)], count: true, TestContext.Current.CancellationToken);

        Assert.Equal([1, 3, 2], result.PagesByShard);
        Assert.Equal(6, result.Latency.Count);
        Assert.Equal(6 * PageServer.RecordsOfPage(RecordBytes), result.Records);
        Assert.True(result.BodyBytes > 6L * PageServer.RecordsOfPage(RecordBytes) * RecordBytes);
    }
}
