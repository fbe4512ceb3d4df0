using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>DryRun makes every check, does nothing, and costs nothing.</summary>
public sealed class DryRunTests
{
    private const string Text = "Request would have succeeded, but DryRun flag is set.";

    [Fact]
    public async Task A_dry_put_is_checked_and_not_stored()
    {
        await using var server = await StartAsync(limits: true);
        Task<KinesisReply> Put(object record) => server.CallAsync("PutRecord", record);
        (await Put(new { StreamName = "orders", PartitionKey = "k", Data = "", DryRun = true })).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders");
        (await Put(new { StreamName = "orders", PartitionKey = "k", Data = "", SequenceNumberForOrdering = "1361129467683753853853498429727072845824", DryRun = true }))
            .AssertInvalidArgument($"ExclusiveMinimumSequenceNumber 1361129467683753853853498429727072845824 used in PutRecord on stream orders under account {Account} is invalid.");
        // Three times what a second's bytes allow.
        for (var i = 0; i < 3; i++)
            AssertDry(await Put(new { StreamName = "orders", PartitionKey = "k", Data = new byte[1_000_000], DryRun = true }));
        (await Put(new { StreamName = "orders", PartitionKey = "k", Data = new byte[1_000_000], DryRun = false })).Succeeded();
        Assert.Single((await server.ReadAsync(await server.IteratorAsync("orders"))).Records);
    }

    [Fact]
    public async Task A_dry_put_of_many_is_checked_and_not_stored()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        var records = Enumerable.Repeat(new { PartitionKey = "k", Data = "", ExplicitHashKey = (string?)null }, 500).ToArray();
        for (var i = 0; i < 3; i++)
            AssertDry(await server.CallAsync("PutRecords", new { StreamName = "orders", Records = records, DryRun = true }));
        records[499] = records[499] with { ExplicitHashKey = "999999999999999999999999999999999999999" };
        (await server.CallAsync("PutRecords", new { StreamName = "orders", Records = records, DryRun = true })).AssertInvalidArgument(
            "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 999999999999999999999999999999999999999");
        Assert.Empty((await server.ReadAsync(await server.IteratorAsync("orders"))).Records);
    }

    [Fact]
    public async Task A_dry_iterator_is_checked_and_takes_nothing_of_the_rate()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        (await server.CallAsync("GetShardIterator", new { StreamName = "orders", ShardId = "1", ShardIteratorType = "LATEST", DryRun = true }))
            .AssertNotFound(NoSuchShard("orders", 1));
        for (var i = 0; i < 6; i++)
            AssertDry(await server.CallAsync("GetShardIterator", new { StreamName = "orders", ShardId = "0", ShardIteratorType = "LATEST", DryRun = true }));
        for (var i = 0; i < 5; i++)
            await server.IteratorAsync("orders");
    }

    [Fact]
    public async Task A_dry_read_is_checked_and_takes_nothing_of_the_rate()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        (await server.CallAsync("GetRecords", new { ShardIterator = "made up", DryRun = true })).AssertInvalidArgument("Invalid ShardIterator.");
        var iterator = await server.IteratorAsync("orders");
        for (var i = 0; i < 6; i++)
            AssertDry(await server.CallAsync("GetRecords", new { ShardIterator = iterator, DryRun = true }));
        for (var i = 0; i < 5; i++)
            await server.ReadAsync(iterator);
    }

    private static void AssertDry(KinesisReply reply) => reply.AssertRefused("DryRunOperationException", Text);
}
