using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>What a shard gives its shared readers: five calls and 2 MiB a second, and a pause after a response of 10 MiB.</summary>
public sealed class ReadThrottleTests
{
    [Fact]
    public async Task A_shard_is_read_five_times_a_second()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders", shards: 2);
        var iterator = await server.IteratorAsync("orders");
        for (var i = 0; i < 5; i++)
            await server.ReadAsync(iterator);
        (await server.GetRecordsAsync(iterator)).AssertThrottled("orders", 0);
        await server.ReadAsync(await server.IteratorAsync("orders", shard: 1));
        server.Time.Advance(TimeSpan.FromMilliseconds(199));
        (await server.GetRecordsAsync(iterator)).AssertThrottled("orders", 0);
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        await server.ReadAsync(iterator);
    }

    [Fact]
    public async Task More_than_2_MiB_in_one_call_are_paid_back_before_the_next()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        await FillAsync(server, mebibytes: 4);
        var iterator = await server.IteratorAsync("orders");
        Assert.Equal(4, (await server.ReadAsync(iterator)).Records.Length);
        (await server.GetRecordsAsync(iterator)).AssertThrottled("orders", 0);
        server.Time.Advance(TimeSpan.FromMilliseconds(1000));
        (await server.GetRecordsAsync(iterator)).AssertThrottled("orders", 0);
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        await server.ReadAsync(iterator);
    }

    [Fact]
    public async Task A_page_that_was_cut_at_10_MiB_pauses_the_shard_for_exactly_5_seconds()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        await FillAsync(server, mebibytes: 11);
        var page = await server.ReadAsync(await server.IteratorAsync("orders"));
        Assert.Equal(10, page.Records.Length);
        Assert.True(page.MillisBehindLatest > 0);
        await AssertPausedForFiveSecondsAsync(server, page.Next!);
        Assert.Single((await server.ReadAsync(page.Next!)).Records);
    }

    [Fact]
    public async Task A_page_of_exactly_10_MiB_pauses_the_shard_too()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders", maxRecordKib: 10_240);
        (await server.CallAsync("PutRecord", new { StreamName = "orders", PartitionKey = "k", Data = new byte[KinesisLimits.MaxGetRecordsBytes - 1] })).Succeeded();
        var page = await server.ReadAsync(await server.IteratorAsync("orders"));
        Assert.Single(page.Records);
        await AssertPausedForFiveSecondsAsync(server, page.Next!);
    }

    [Fact]
    public async Task Without_limits_nothing_is_refused_and_a_page_still_ends_at_10_MiB()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await FillAsync(server, mebibytes: 11);
        var page = await server.ReadAsync(await server.IteratorAsync("orders"));
        Assert.Equal(10, page.Records.Length);
        Assert.Single((await server.ReadAsync(page.Next!)).Records);
        for (var i = 0; i < 10; i++)
            await server.ReadAsync(page.Next!, limit: 1);
    }

    private static async Task AssertPausedForFiveSecondsAsync(TestServer server, string iterator)
    {
        server.Time.Advance(TimeSpan.FromMilliseconds(4_999));
        (await server.GetRecordsAsync(iterator)).AssertThrottled("orders", 0);
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        await server.ReadAsync(iterator);
        server.Time.Advance(TimeSpan.FromSeconds(5));
    }

    // Each record takes a mebibyte with its key, the most that a second allows.
    private static async Task FillAsync(TestServer server, int mebibytes)
    {
        for (var i = 0; i < mebibytes; i++)
        {
            (await server.CallAsync("PutRecord", new { StreamName = "orders", PartitionKey = "k", Data = new byte[(1024 * 1024) - 1] })).Succeeded();
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
