using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>
/// The end of a closed shard: no next iterator, the children beside it, and neither without the other. The KCL takes
/// anything else for an error.
/// </summary>
public sealed class ShardEndTests
{
    [Fact]
    public async Task The_last_records_of_a_split_shard_come_with_its_two_children()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "1");
        await server.PutTextAsync("orders", "2");
        var iterator = await server.IteratorAsync("orders");
        (await server.SplitAsync("orders", 0)).Succeeded();

        var first = await server.ReadAsync(iterator, limit: 1);
        Assert.Equal(["1"], first.Texts);
        Assert.NotNull(first.Next);
        Assert.Null(first.Children);
        var last = await server.ReadAsync(first.Next, limit: 1);
        Assert.Equal(["2"], last.Texts);
        AssertEnd(last, $$"""
            [{ "ShardId": "{{ShardId(1)}}", "ParentShards": ["{{ShardId(0)}}"],
               "HashKeyRange": { "StartingHashKey": "0", "EndingHashKey": "170141183460469231731687303715884105727" } },
             { "ShardId": "{{ShardId(2)}}", "ParentShards": ["{{ShardId(0)}}"],
               "HashKeyRange": { "StartingHashKey": "{{Middle}}", "EndingHashKey": "{{MaxHashKey}}" } }]
            """);
    }

    [Fact]
    public async Task Both_parents_of_a_merge_end_with_the_one_child_that_names_both()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var iterators = new[] { await server.IteratorAsync("orders", 0), await server.IteratorAsync("orders", 1, "LATEST") };
        (await server.MergeAsync("orders", 0, 1)).Succeeded();
        foreach (var iterator in iterators)
        {
            AssertEnd(await server.ReadAsync(iterator), $$"""
                [{ "ShardId": "{{ShardId(2)}}", "ParentShards": ["{{ShardId(0)}}", "{{ShardId(1)}}"],
                   "HashKeyRange": { "StartingHashKey": "0", "EndingHashKey": "{{MaxHashKey}}" } }]
                """);
        }
    }

    [Fact]
    public async Task Every_position_at_or_past_the_end_leads_to_the_end()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var number = await server.PutTextAsync("orders", "1");
        (await server.SplitAsync("orders", 0)).Succeeded();
        server.Time.Advance(TimeSpan.FromSeconds(10));
        var ending = (await server.DescribeAsync("orders")).GetProperty("Shards")[0].GetProperty("SequenceNumberRange").GetProperty("EndingSequenceNumber").GetString()!;
        string[] iterators =
        [
            await server.IteratorAsync("orders", type: "LATEST"),
            await server.IteratorAsync("orders", type: "AFTER_SEQUENCE_NUMBER", number: number),
            await server.IteratorAsync("orders", type: "AT_SEQUENCE_NUMBER", number: ending),
            await server.IteratorAsync("orders", type: "AFTER_SEQUENCE_NUMBER", number: ending),
            await server.IteratorAsync("orders", type: "AT_TIMESTAMP", timestamp: server.Now),
        ];
        foreach (var iterator in iterators)
        {
            var page = await server.ReadAsync(iterator);
            Assert.Empty(page.Records);
            Assert.Null(page.Next);
            Assert.Equal(2, page.Children!.Length);
            Assert.Equal(0, page.MillisBehindLatest);
        }

        Assert.Equal(["1"], (await server.ReadAsync(await server.IteratorAsync("orders", type: "AT_TIMESTAMP", timestamp: Seconds(Begin)))).Texts);
    }

    [Fact]
    public async Task An_UPDATING_streams_parent_has_not_ended_and_takes_records_until_the_switch()
    {
        var delay = TimeSpan.FromSeconds(10);
        await using var server = await StartAsync(transitionDelay: delay);
        await server.CreateStreamAsync("orders");
        server.Time.Advance(delay);
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await server.SplitAsync("orders", 0)).Succeeded();

        Assert.Equal("UPDATING", await server.StatusAsync("orders"));
        Assert.Equal(ShardId(0), (await server.PutAsync("orders", "parent")).Succeeded().GetProperty("ShardId").GetString());
        var page = await server.ReadAsync(await server.IteratorAsync("orders"));
        Assert.Equal(["parent"], page.Texts);
        Assert.NotNull(page.Next);
        Assert.Null(page.Children);
        (await server.SplitAsync("orders", 0)).AssertInUse(NotActive("orders", "UPDATING"));

        server.Time.Advance(delay);
        await server.UntilStatusAsync("orders", "ACTIVE");
        Assert.NotEqual(ShardId(0), (await server.PutAsync("orders", "child")).Succeeded().GetProperty("ShardId").GetString());
        page = await server.ReadAsync(page.Next!);
        Assert.Empty(page.Records);
        Assert.Null(page.Next);
        Assert.Equal(2, page.Children!.Length);
    }

    [Fact]
    public async Task A_closed_shard_whose_records_have_all_expired_still_ends_with_its_children()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "expired");
        server.Time.Advance(TimeSpan.FromHours(1));
        (await server.SplitAsync("orders", 0)).Succeeded();
        server.Time.Advance(TimeSpan.FromHours(23.5));
        var page = await server.ReadAsync(await server.IteratorAsync("orders"));
        Assert.Empty(page.Records);
        Assert.Null(page.Next);
        Assert.Equal(2, page.Children!.Length);
    }

    private static void AssertEnd(RecordsPage page, string children)
    {
        Assert.Null(page.Next);
        Assert.Equal(0, page.MillisBehindLatest);
        var found = page.Json.GetProperty("ChildShards");
        Assert.True(JsonElement.DeepEquals(JsonSerializer.Deserialize<JsonElement>(children), found), found.ToString());
    }
}
