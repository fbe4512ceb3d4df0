using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class ListStreamsTests
{
    [Fact]
    public async Task Names_come_in_byte_order_with_their_summaries()
    {
        await using var server = await StartAsync();
        foreach (var name in new[] { "b", "a", "_", "B", "1" })
            await server.CreateStreamAsync(name);
        var list = (await server.CallAsync("ListStreams", new { })).Succeeded();
        Assert.Equal(["1", "B", "_", "a", "b"], Names(list));
        Assert.False(list.GetProperty("HasMoreStreams").GetBoolean());
        Assert.False(list.TryGetProperty("NextToken", out _));
        var expected = $$"""
            { "StreamName": "1", "StreamARN": "{{Arn("1")}}", "StreamStatus": "ACTIVE",
              "StreamModeDetails": { "StreamMode": "PROVISIONED" }, "StreamCreationTimestamp": 1767225600.000 }
            """;
        var summary = list.GetProperty("StreamSummaries")[0];
        Assert.True(JsonElement.DeepEquals(JsonSerializer.Deserialize<JsonElement>(expected), summary), summary.ToString());
    }

    [Fact]
    public async Task A_stream_is_listed_in_every_status()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(1));
        await server.CreateStreamAsync("leaving");
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.UntilStatusAsync("leaving", "ACTIVE");
        await server.CreateStreamAsync("coming");
        (await server.CallAsync("DeleteStream", new { StreamName = "leaving" })).Succeeded();
        var list = (await server.CallAsync("ListStreams", new { })).Succeeded();
        Assert.Equal(["CREATING", "DELETING"], list.GetProperty("StreamSummaries").EnumerateArray().Select(summary => summary.GetProperty("StreamStatus").GetString()));
    }

    [Fact]
    public async Task A_page_starts_after_a_name_that_need_not_exist()
    {
        await using var server = await StartAsync();
        foreach (var name in new[] { "a", "b", "c" })
            await server.CreateStreamAsync(name);
        Assert.Equal(["b", "c"], Names((await server.CallAsync("ListStreams", new { ExclusiveStartStreamName = "aa" })).Succeeded()));
        Assert.Equal(["c"], Names((await server.CallAsync("ListStreams", new { ExclusiveStartStreamName = "b" })).Succeeded()));
        Assert.Empty(Names((await server.CallAsync("ListStreams", new { ExclusiveStartStreamName = "c" })).Succeeded()));
    }

    [Fact]
    public async Task A_token_continues_the_list_and_wins_over_a_name()
    {
        await using var server = await StartAsync();
        foreach (var name in new[] { "a", "b", "c" })
            await server.CreateStreamAsync(name);
        var first = (await server.CallAsync("ListStreams", new { Limit = 2 })).Succeeded();
        Assert.Equal(["a", "b"], Names(first));
        Assert.True(first.GetProperty("HasMoreStreams").GetBoolean());
        var second = (await server.CallAsync("ListStreams", new { NextToken = Token(first), ExclusiveStartStreamName = "z" })).Succeeded();
        Assert.Equal(["c"], Names(second));
    }

    [Fact]
    public async Task A_page_holds_100_streams_at_most()
    {
        await using var server = await StartAsync();
        for (var i = 0; i < 101; i++)
            await server.CreateStreamAsync($"stream-{i:D3}");
        foreach (var limit in new int?[] { null, 10_000 })
        {
            var list = (await server.CallAsync("ListStreams", new { Limit = limit })).Succeeded();
            Assert.Equal(100, Names(list).Length);
            Assert.Equal(["stream-100"], Names((await server.CallAsync("ListStreams", new { NextToken = Token(list) })).Succeeded()));
        }
    }

    [Fact]
    public async Task A_token_is_good_for_exactly_300_seconds()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("a");
        await server.CreateStreamAsync("b");
        var token = Token((await server.CallAsync("ListStreams", new { Limit = 1 })).Succeeded());
        server.Time.Advance(TimeSpan.FromSeconds(300));
        (await server.CallAsync("ListStreams", new { NextToken = token })).Succeeded();
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await server.CallAsync("ListStreams", new { NextToken = token })).AssertRefused(
            "ExpiredNextTokenException",
            "The NextToken expired. It was created at Thu Jan 01 00:00:00 UTC 2026 while right now it is Thu Jan 01 00:05:00 UTC 2026.");
    }

    [Fact]
    public async Task What_is_no_token_of_this_operation_is_refused()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var other = (await server.CallAsync("ListShards", new { StreamName = "orders", MaxResults = 1 })).Succeeded().GetProperty("NextToken").GetString();
        foreach (var token in new[] { "made up", "AAAA", other })
            (await server.CallAsync("ListStreams", new { NextToken = token })).AssertInvalidArgument("NextToken is invalid.");
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_services_order()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("ListStreams", new { ExclusiveStartStreamName = "", Limit = 0 })).AssertInvalid(
            "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
            "Value '' at 'exclusiveStartStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
            "Value '' at 'exclusiveStartStreamName' failed to satisfy constraint: Member must have length greater than or equal to 1");
    }

    private static string[] Names(JsonElement list) => [.. list.GetProperty("StreamNames").EnumerateArray().Select(name => name.GetString()!)];

    private static string Token(JsonElement list) => list.GetProperty("NextToken").GetString()!;
}
