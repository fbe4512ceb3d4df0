namespace Weir.Server.Tests.Operations;

/// <summary>UpdateMaxRecordSize: by ARN only, shown by DescribeStreamSummary, and the limit of the next put.</summary>
public sealed class UpdateMaxRecordSizeTests
{
    [Fact]
    public async Task A_new_limit_is_shown_and_holds_for_the_next_put()
    {
        await using var server = await TestServer.StartAsync(limits: false);
        await server.CreateStreamAsync("orders");
        var large = new { StreamName = "orders", PartitionKey = "k", Data = new byte[2 * 1024 * 1024] };
        (await server.CallAsync("PutRecord", large)).AssertRefused(
            "ValidationException", "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576");
        (await ChangeAsync(server, "orders", 2049)).Succeeded();
        Assert.Equal(2049, (await server.CallAsync("DescribeStreamSummary", new { StreamName = "orders" })).Succeeded()
            .GetProperty("StreamDescriptionSummary").GetProperty("MaxRecordSizeInKiB").GetInt32());
        (await server.CallAsync("PutRecord", large)).Succeeded();
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
    }

    [Fact]
    public async Task Refusals_come_in_their_order()
    {
        await using var server = await TestServer.StartAsync(transitionDelay: TimeSpan.FromSeconds(5));
        (await ChangeAsync(server, "absent", 1023)).AssertRefused(
            "ValidationException", "1 validation error detected: Value '1023' at 'maxRecordSizeInKiB' failed to satisfy constraint: Member must have value greater than or equal to 1024");
        (await server.CallAsync("UpdateMaxRecordSize", new { MaxRecordSizeInKiB = 1024 })).AssertInvalidArgument("Either StreamARN or StreamName must be provided.");
        (await ChangeAsync(server, "absent", 1024)).AssertNotFound(TestServer.NotFound("absent"));
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1 })).Succeeded();
        (await ChangeAsync(server, "orders", 1024)).AssertInUse(TestServer.NotActive("orders", "CREATING"));
    }

    private static Task<KinesisReply> ChangeAsync(TestServer server, string stream, int kib) =>
        server.CallAsync("UpdateMaxRecordSize", new { StreamARN = TestServer.Arn(stream), MaxRecordSizeInKiB = kib });
}
