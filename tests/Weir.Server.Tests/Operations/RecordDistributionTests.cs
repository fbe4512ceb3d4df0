using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>RecordDistributionStrategy AUTO: keys place nothing, are kept when given, and need not be given.</summary>
public sealed class RecordDistributionTests
{
    [Fact]
    public async Task Records_without_keys_spread_over_the_shards_and_come_back_without_keys()
    {
        await using var server = await StartAsync();
        await CreateAsync(server);
        var shards = new List<string>();
        for (var i = 0; i < 8; i++)
            shards.Add((await server.CallAsync("PutRecord", new { StreamName = "orders", Data = Bytes("d") })).Succeeded().GetProperty("ShardId").GetString()!);
        Assert.Equal(4, shards.Distinct().Count());
        Assert.All(shards.GroupBy(shard => shard), of => Assert.Equal(2, of.Count()));
        for (var shard = 0; shard < 4; shard++)
        {
            var records = (await server.GetRecordsAsync(await server.IteratorAsync("orders", shard))).Succeeded().GetProperty("Records").EnumerateArray();
            Assert.All(records, record => Assert.Equal(
                ["SequenceNumber", "ApproximateArrivalTimestamp", "Data"], record.EnumerateObject().Select(member => member.Name)));
        }
    }

    [Fact]
    public async Task Keys_and_hash_keys_place_nothing_and_a_key_comes_back_as_it_was_given()
    {
        await using var server = await StartAsync();
        await CreateAsync(server);
        var entries = Enumerable.Range(0, 8).Select(i => new { Data = Bytes($"{i}"), PartitionKey = "same", ExplicitHashKey = "0" });
        var reply = (await server.CallAsync("PutRecords", new { StreamName = "orders", Records = entries })).Succeeded();
        Assert.Equal(0, reply.GetProperty("FailedRecordCount").GetInt32());
        Assert.Equal(4, reply.GetProperty("Records").EnumerateArray().Select(record => record.GetProperty("ShardId").GetString()).Distinct().Count());
        var read = (await server.GetRecordsAsync(await server.IteratorAsync("orders", 3))).Succeeded().GetProperty("Records").EnumerateArray().ToList();
        Assert.Equal(2, read.Count);
        Assert.All(read, record => Assert.Equal("same", record.GetProperty("PartitionKey").GetString()));
        // Out of range stays out of range.
        var tooHigh = "340282366920938463463374607431768211456";
        (await server.CallAsync("PutRecord", new { StreamName = "orders", Data = "", ExplicitHashKey = tooHigh }))
            .AssertInvalidArgument($"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {tooHigh}");
    }

    [Fact]
    public async Task A_key_is_needed_until_the_stream_spreads_records_and_again_afterwards()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("CreateStream", new { StreamName = "orders" })).Succeeded();
        const string missing = "Value null at 'partitionKey' failed to satisfy constraint: Member must not be null";
        const string missingOfEntry = "Value null at 'records.2.member.partitionKey' failed to satisfy constraint: Member must not be null";
        object[] entries = [new { Data = "", PartitionKey = "k" }, new { Data = "" }];
        (await server.CallAsync("PutRecord", new { StreamName = "orders", Data = "" })).AssertInvalid(missing);
        (await server.CallAsync("PutRecords", new { StreamName = "orders", Records = entries })).AssertInvalid(missingOfEntry);
        (await DistributeAsync(server, "AUTO")).Succeeded();
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
        (await server.CallAsync("PutRecord", new { StreamName = "orders", Data = "" })).Succeeded();
        (await server.CallAsync("PutRecords", new { StreamName = "orders", Records = entries })).Succeeded();
        (await DistributeAsync(server, "USER_PARTITION_KEY")).Succeeded();
        (await server.CallAsync("PutRecord", new { StreamName = "orders", Data = "" })).AssertInvalid(missing);
    }

    [Fact]
    public async Task Refusals_of_a_change_come_in_their_order()
    {
        await using var server = await StartAsync();
        (await DistributeAsync(server, "AUTO")).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders");
        (await DistributeAsync(server, "AUTO")).AssertInvalidArgument("RecordDistributionStrategy=AUTO is not expected when StreamMode=PROVISIONED");
        (await DistributeAsync(server, "USER_PARTITION_KEY")).Succeeded();
        (await DistributeAsync(server, "ROUND_ROBIN")).AssertInvalid(
            "Value 'ROUND_ROBIN' at 'recordDistributionStrategy' failed to satisfy constraint: Member must satisfy enum value set: [AUTO, USER_PARTITION_KEY]");
    }

    [Fact]
    public async Task Records_without_keys_survive_a_restart()
    {
        using var directory = new TemporaryDirectory();
        await using (var server = await StartAsync(dataDirectory: directory.Path))
        {
            await CreateAsync(server);
            (await server.CallAsync("PutRecord", new { StreamName = "orders", Data = Bytes("kept") })).Succeeded();
        }

        await using var again = await StartAsync(dataDirectory: directory.Path);
        var record = (await again.GetRecordsAsync(await again.IteratorAsync("orders", 0))).Succeeded().GetProperty("Records").EnumerateArray().Single();
        Assert.False(record.TryGetProperty("PartitionKey", out _));
        Assert.Equal(Bytes("kept"), record.GetProperty("Data").GetBytesFromBase64());
    }

    private static async Task CreateAsync(TestServer server) =>
        (await server.CallAsync("CreateStream", new { StreamName = "orders", RecordDistributionStrategy = "AUTO" })).Succeeded();

    private static Task<KinesisReply> DistributeAsync(TestServer server, string strategy) =>
        server.CallAsync("UpdateStreamRecordDistributionStrategy", new { StreamARN = Arn("orders"), RecordDistributionStrategy = strategy });
}
