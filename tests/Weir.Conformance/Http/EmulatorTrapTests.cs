using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>What emulators of the service are known to get wrong about streams, shards and records, each as a fact about this one.</summary>
public sealed partial class EmulatorTrapTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const string Middle = "170141183460469231731687303715884105728";

    [Trap(12)]
    [Fact]
    public async Task A_stream_without_a_shard_count_is_on_demand_with_four_shards()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync("CreateStream", """{"StreamName":"on-demand"}""")).Succeeded();
        var summary = (JsonElement)await http.UntilActiveAsync("on-demand");
        Assert.Equal(4, summary.GetProperty("OpenShardCount").GetInt32());
        Assert.Equal("ON_DEMAND", summary.GetProperty("StreamModeDetails").GetProperty("StreamMode").GetString());
        (await http.CallAsync("SplitShard", $$"""{"StreamName":"on-demand","ShardToSplit":"0","NewStartingHashKey":"5"}""")).AssertRefused(
            "ValidationException", "Request is invalid. Stream on-demand under account 000000000000 is in On-Demand mode.");
    }

    [Trap(22)]
    [Theory]
    [InlineData("a", "16955237001963240173058271559858726497")]
    [InlineData("key1", "258772850759514212175119384033924506317")]
    [InlineData("partitionKey", "193318062818912349798954611745638949166")]
    [InlineData("\u20ac", "250752887591472196339670448948845824634")]
    public async Task A_keys_MD5_over_UTF_8_decides_the_shard_at_both_inclusive_ends(string key, string hashKey)
    {
        // A split at exactly the key's hash puts it first in the upper child; a split one above, last in the lower.
        using var http = new KinesisHttp(fixture.Endpoint);
        foreach (var boundary in new[] { BigInteger.Parse(hashKey, CultureInfo.InvariantCulture), BigInteger.Parse(hashKey, CultureInfo.InvariantCulture) + 1 })
        {
            var stream = $"md5-{Guid.NewGuid():N}";
            await http.CreateStreamAsync(stream);
            (await http.CallAsync("SplitShard", new { StreamName = stream, ShardToSplit = "0", NewStartingHashKey = boundary.ToString(CultureInfo.InvariantCulture) })).Succeeded();
            await http.UntilActiveAsync(stream);
            var shard = (await http.CallAsync("PutRecord", new { StreamName = stream, PartitionKey = key, Data = "" }))
                .Succeeded().Json.GetProperty("ShardId").GetString();
            var startsAtTheKey = boundary.ToString(CultureInfo.InvariantCulture) == hashKey;
            Assert.Equal(startsAtTheKey ? "shardId-000000000002" : "shardId-000000000001", shard);
        }
    }

    [Trap(5)]
    [Fact]
    public async Task Sequence_numbers_have_the_services_layout()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("layout", shards: 3);
        for (var shard = 0; shard < 3; shard++)
        {
            var start = BigInteger.Parse(Middle, CultureInfo.InvariantCulture) * 2 / 3 * shard;
            var put = (await http.CallAsync("PutRecord", new { StreamName = "layout", PartitionKey = "k", ExplicitHashKey = start.ToString(CultureInfo.InvariantCulture), Data = "" }))
                .Succeeded().Json;
            Assert.Equal($"shardId-{shard:000000000000}", put.GetProperty("ShardId").GetString());
            var text = put.GetProperty("SequenceNumber").GetString()!;
            Assert.Equal(56, text.Length);
            var hex = BigInteger.Parse(text, CultureInfo.InvariantCulture).ToString("x", CultureInfo.InvariantCulture);
            var match = SequenceNumber().Match(hex);
            Assert.True(match.Success, hex);
            Assert.Equal(shard.ToString(CultureInfo.InvariantCulture), match.Groups["nibble"].Value);
            Assert.Equal(shard.ToString(CultureInfo.InvariantCulture), match.Groups["shard"].Value);
        }
    }

    [Trap(13)]
    [Theory]
    [InlineData("shardId-000000000001")]
    [InlineData("shardId-1")]
    [InlineData("1")]
    [InlineData("foo-00001")]
    public async Task A_shard_id_is_normalised(string id)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CallAsync("CreateStream", """{"StreamName":"normalised","ShardCount":2}""");
        await http.UntilActiveAsync("normalised");
        await http.IteratorAsync("normalised", id);
    }

    [Trap(8)]
    [Fact]
    public async Task Every_iterator_type_works_on_a_closed_shard_and_its_end_tells_the_children()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("closed");
        var number = await http.PutAsync("closed", "k", [1]);
        (await http.CallAsync("SplitShard", new { StreamName = "closed", ShardToSplit = "0", NewStartingHashKey = Middle })).Succeeded();
        await http.UntilActiveAsync("closed");

        var page = await ReadAsync(http, await http.IteratorAsync("closed", type: "LATEST"));
        Assert.Empty(page.GetProperty("Records").EnumerateArray());
        AssertEnd(page);
        var after = (await http.CallAsync("GetShardIterator", new
        {
            StreamName = "closed",
            ShardId = "0",
            ShardIteratorType = "AFTER_SEQUENCE_NUMBER",
            StartingSequenceNumber = number,
        })).Succeeded().Json.GetProperty("ShardIterator").GetString()!;
        AssertEnd(await ReadAsync(http, after));
        var all = await ReadAsync(http, await http.IteratorAsync("closed"));
        Assert.Single(all.GetProperty("Records").EnumerateArray());
        AssertEnd(all);
    }

    [Trap(9)]
    [Fact]
    public async Task A_reader_in_the_past_is_told_how_far_behind_it_is()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("behind");
        await http.PutAsync("behind", "k", [1]);
        await http.PutAsync("behind", "k", [2]);
        var iterator = await http.IteratorAsync("behind");
        await Polling.UntilAsync<object>("a reader of the first of two records is behind", TimeSpan.FromSeconds(10), async () =>
            (await http.CallAsync("GetRecords", new { ShardIterator = iterator, Limit = 1 })).Succeeded().Json.GetProperty("MillisBehindLatest").GetInt64() > 0 ? http : null);
        Assert.Equal(0, (await ReadAsync(http, iterator)).GetProperty("MillisBehindLatest").GetInt64());
    }

    [Trap(17)]
    [Fact]
    public async Task A_page_of_a_description_holds_100_shards_at_most_and_a_list_1000()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("wide", shards: 150);
        var description = (await http.CallAsync("DescribeStream", """{"StreamName":"wide","Limit":10000}""")).Succeeded().Json.GetProperty("StreamDescription");
        Assert.Equal(100, description.GetProperty("Shards").GetArrayLength());
        Assert.True(description.GetProperty("HasMoreShards").GetBoolean());
        var list = (await http.CallAsync("ListShards", """{"StreamName":"wide","MaxResults":10000}""")).Succeeded().Json;
        Assert.Equal(150, list.GetProperty("Shards").GetArrayLength());
        Assert.False(list.TryGetProperty("NextToken", out _));
    }

    [Trap(17)]
    [Fact]
    public async Task A_page_of_streams_and_of_consumers_holds_100_at_most()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        for (var number = 0; number <= 100; number++)
            (await http.CallAsync("CreateStream", new { StreamName = $"page-{number:000}", ShardCount = 1 })).Succeeded();
        var list = (await http.CallAsync("ListStreams", """{"Limit":10000,"ExclusiveStartStreamName":"page-"}""")).Succeeded().Json;
        Assert.Equal(100, list.GetProperty("StreamNames").GetArrayLength());
        Assert.True(list.GetProperty("HasMoreStreams").GetBoolean());
        // No stream has more consumers than a page; a larger page may be asked for all the same.
        var consumers = await http.CallAsync("ListStreamConsumers", """{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/page-000","MaxResults":10000}""");
        Assert.Equal(0, consumers.Succeeded().Json.GetProperty("Consumers").GetArrayLength());
    }

    [Trap(7)]
    [Fact]
    public async Task A_range_ends_inclusively_and_records_stay_in_the_shard_that_took_them()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("ranges", shards: 2);
        var last = (BigInteger.Parse(Middle, CultureInfo.InvariantCulture) - 1).ToString(CultureInfo.InvariantCulture);
        var lower = (await http.CallAsync("PutRecord", new { StreamName = "ranges", PartitionKey = "k", ExplicitHashKey = last, Data = "AQ==" })).Succeeded().Json;
        Assert.Equal("shardId-000000000000", lower.GetProperty("ShardId").GetString());
        Assert.Equal("shardId-000000000001", (await http.CallAsync("PutRecord", new { StreamName = "ranges", PartitionKey = "k", ExplicitHashKey = Middle, Data = "" }))
            .Succeeded().Json.GetProperty("ShardId").GetString());
        (await http.CallAsync("SplitShard", new { StreamName = "ranges", ShardToSplit = "0", NewStartingHashKey = "5" })).Succeeded();
        await http.UntilActiveAsync("ranges");
        Assert.Equal(lower.GetProperty("SequenceNumber").GetString(), Assert.Single(await http.ReadAllAsync("ranges")).GetProperty("SequenceNumber").GetString());
        Assert.Empty(await http.ReadAllAsync("ranges", "shardId-000000000003"));
    }

    [Fact]
    public async Task Nothing_is_answered_as_null()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("all-members");
        await http.PutAsync("all-members", "k", []);
        foreach (var operation in new[] { "DescribeStream", "DescribeStreamSummary", "ListShards" })
            Assert.DoesNotContain(":null", (await http.CallAsync(operation, """{"StreamName":"all-members"}""")).Succeeded().Text, StringComparison.Ordinal);
        var page = await http.CallAsync("GetRecords", new { ShardIterator = await http.IteratorAsync("all-members") });
        Assert.DoesNotContain(":null", page.Succeeded().Text, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> ReadAsync(KinesisHttp http, string iterator) =>
        (await http.CallAsync("GetRecords", new { ShardIterator = iterator })).Succeeded().Json;

    private static void AssertEnd(JsonElement page)
    {
        Assert.False(page.TryGetProperty("NextShardIterator", out _), page.ToString());
        Assert.Equal(["shardId-000000000001", "shardId-000000000002"], page.GetProperty("ChildShards").EnumerateArray().Select(child => child.GetProperty("ShardId").GetString()));
        Assert.Equal(0, page.GetProperty("MillisBehindLatest").GetInt64());
    }

    // As the service's own numbers were recorded: version 2, creation second, shard nibble, index, record second, shard.
    [GeneratedRegex("^20[0-9a-f]{8}(?<nibble>[0-9a-f])[0-9a-f]{16}000[0-9a-f]{8}0000000(?<shard>[0-9a-f])2$")]
    private static partial Regex SequenceNumber();
}
