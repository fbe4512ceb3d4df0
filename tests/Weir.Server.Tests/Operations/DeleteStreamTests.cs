using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class DeleteStreamTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_missing_stream_is_not_found()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).AssertNotFound(NotFound("orders"));
    }

    [Fact]
    public async Task Without_a_delay_the_stream_is_gone_with_the_answer()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await server.CallAsync("DeleteStream", new { StreamName = "orders", EnforceConsumerDeletion = true })).Succeeded();
        (await server.CallAsync("DescribeStream", new { StreamName = "orders" })).AssertNotFound(NotFound("orders"));
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).AssertNotFound(NotFound("orders"));
    }

    [Fact]
    public async Task A_DELETING_stream_takes_nothing_serves_reads_and_keeps_its_name_until_it_is_gone()
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        await CreateActiveAsync(server, "orders");
        await server.PutTextAsync("orders", "still readable");
        var before = await server.IteratorAsync("orders");
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();

        var description = await server.DescribeAsync("orders");
        Assert.Equal("DELETING", description.GetProperty("StreamStatus").GetString());
        Assert.Equal(0, description.GetProperty("Shards").GetArrayLength());
        (await server.PutAsync("orders")).AssertNotFound(NotFound("orders"));
        (await server.CallAsync("PutRecords", new { StreamName = "orders", Records = new[] { new { Data = "", PartitionKey = "k" } } }))
            .AssertNotFound(NotFound("orders"));
        (await server.SplitAsync("orders", 0)).AssertInUse(NotActive("orders", "DELETING"));
        (await server.CallAsync("ListShards", new { StreamName = "orders" })).AssertInUse(NotActive("orders", "DELETING"));
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1 }))
            .AssertInUse($"Stream orders under account {Account} already exists.");
        Assert.Equal(["still readable"], (await server.ReadAsync(before)).Texts);
        Assert.Equal(["still readable"], (await server.ReadAsync(await server.IteratorAsync("orders"))).Texts);

        server.Time.Advance(Delay);
        await UntilGoneAsync(server, "orders");
        (await server.GetRecordsAsync(before)).AssertNotFound(NoSuchShard("orders", 0));
        await server.CreateStreamAsync("orders");
    }

    [Fact]
    public async Task Deleting_what_is_DELETING_has_no_effect()
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        await CreateActiveAsync(server, "orders");
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        server.Time.Advance(Delay / 2);
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        server.Time.Advance(Delay / 2);
        await UntilGoneAsync(server, "orders");
    }

    [Fact]
    public async Task A_CREATING_stream_can_be_deleted()
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        await server.CreateStreamAsync("orders");
        server.Time.Advance(Delay / 2);
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        Assert.Equal("DELETING", await server.StatusAsync("orders"));
        server.Time.Advance(Delay);
        await UntilGoneAsync(server, "orders");
    }

    [Fact]
    public async Task An_UPDATING_stream_can_be_deleted()
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        await CreateActiveAsync(server, "orders");
        (await server.SplitAsync("orders", 0)).Succeeded();
        server.Time.Advance(Delay / 2);
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        Assert.Equal("DELETING", await server.StatusAsync("orders"));
        server.Time.Advance(Delay);
        await UntilGoneAsync(server, "orders");
    }

    private static async Task CreateActiveAsync(TestServer server, string stream)
    {
        await server.CreateStreamAsync(stream);
        server.Time.Advance(Delay);
        await server.UntilStatusAsync(stream, "ACTIVE");
    }

    private static Task UntilGoneAsync(TestServer server, string stream) => UntilAsync(
        $"{stream} is gone",
        async () => (await server.CallAsync("DescribeStream", new { StreamName = stream })).Text.Contains("ResourceNotFoundException", StringComparison.Ordinal));
}
