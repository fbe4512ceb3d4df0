using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class RetentionTests
{
    [Fact]
    public async Task A_record_is_readable_until_exactly_its_retention_has_passed()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "1");
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        await server.PutTextAsync("orders", "2");
        server.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("12", await ReadAsync(server));
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("2", await ReadAsync(server));
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("", await ReadAsync(server));
    }

    [Fact]
    public async Task A_longer_retention_keeps_what_there_is_and_brings_nothing_back()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "1");
        server.Time.Advance(TimeSpan.FromHours(25));
        await server.PutTextAsync("orders", "2");
        Assert.Equal("2", await ReadAsync(server));
        (await ChangeAsync(server, "Increase", 48)).Succeeded();
        Assert.Equal(48, (await server.DescribeAsync("orders")).GetProperty("RetentionPeriodHours").GetInt32());
        Assert.Equal("2", await ReadAsync(server));
        server.Time.Advance(TimeSpan.FromHours(48));
        Assert.Equal("2", await ReadAsync(server));
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("", await ReadAsync(server));
    }

    [Fact]
    public async Task A_shorter_retention_hides_what_is_older_at_once_and_for_good()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await ChangeAsync(server, "Increase", 72)).Succeeded();
        await server.PutTextAsync("orders", "1");
        server.Time.Advance(TimeSpan.FromHours(30));
        await server.PutTextAsync("orders", "2");
        Assert.Equal("12", await ReadAsync(server));
        (await ChangeAsync(server, "Decrease", 24)).Succeeded();
        Assert.Equal("2", await ReadAsync(server));
        (await ChangeAsync(server, "Increase", 72)).Succeeded();
        Assert.Equal("2", await ReadAsync(server));
    }

    [Fact]
    public async Task What_has_expired_stays_out_of_reach_after_a_restart()
    {
        using var directory = new TemporaryDirectory();
        var time = new TestKit.ManualTimeProvider(Begin);
        await using (var server = await StartAsync(time: time, dataDirectory: directory.Path))
        {
            await server.CreateStreamAsync("orders");
            await server.PutTextAsync("orders", "1");
            time.Advance(TimeSpan.FromHours(25));
            await server.PutTextAsync("orders", "2");
            (await ChangeAsync(server, "Increase", 72)).Succeeded();
            Assert.Equal("2", await ReadAsync(server));
        }

        await using var restarted = await StartAsync(time: time, dataDirectory: directory.Path);
        Assert.Equal("2", await ReadAsync(restarted));
    }

    [Theory]
    [InlineData("Increase", 23, "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.")]
    [InlineData("Decrease", 0, "Minimum allowed retention period is 24 hours. Requested retention period (0 hours) is too short.")]
    [InlineData("Decrease", -5, "Minimum allowed retention period is 24 hours. Requested retention period (-5 hours) is too short.")]
    [InlineData("Increase", 8761, "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.")]
    [InlineData("Decrease", 8761, "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.")]
    [InlineData("Increase", 99, "Requested retention period (99 hours) for stream orders can not be shorter than existing retention period (100 hours). Use DecreaseRetentionPeriod API.")]
    [InlineData("Decrease", 101, "Requested retention period (101 hours) for stream orders can not be longer than existing retention period (100 hours). Use IncreaseRetentionPeriod API.")]
    public async Task A_period_out_of_range_or_in_the_wrong_direction_is_refused(string direction, int hours, string text)
    {
        await using var server = await StartAsync();
        (await ChangeAsync(server, direction, hours)).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders");
        (await ChangeAsync(server, "Increase", 100)).Succeeded();
        (await ChangeAsync(server, direction, hours)).AssertInvalidArgument(text);
    }

    [Fact]
    public async Task The_same_period_and_the_extremes_are_taken()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        foreach (var (direction, hours) in new[] { ("Increase", 24), ("Decrease", 24), ("Increase", 8760), ("Increase", 8760), ("Decrease", 8760), ("Decrease", 24) })
            (await ChangeAsync(server, direction, hours)).Succeeded();
    }

    [Fact]
    public async Task A_stream_that_is_not_ACTIVE_is_told_before_a_wrong_period()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(1));
        await server.CreateStreamAsync("orders");
        (await ChangeAsync(server, "Increase", 1)).AssertInUse(NotActive("orders", "CREATING"));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await server.SplitAsync("orders", 0)).Succeeded();
        (await ChangeAsync(server, "Decrease", 1)).AssertInUse(NotActive("orders", "UPDATING"));
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_services_order()
    {
        await using var server = await StartAsync();
        foreach (var direction in new[] { "Increase", "Decrease" })
        {
            (await server.CallAsync($"{direction}StreamRetentionPeriod", new { StreamName = "a b" })).AssertInvalid(
                "Value null at 'retentionPeriodHours' failed to satisfy constraint: Member must not be null",
                "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
        }
    }

    private static Task<KinesisReply> ChangeAsync(TestServer server, string direction, int hours) =>
        server.CallAsync($"{direction}StreamRetentionPeriod", new { StreamName = "orders", RetentionPeriodHours = hours });

    private static async Task<string> ReadAsync(TestServer server) => string.Concat((await server.ReadAsync(await server.IteratorAsync("orders"))).Texts);
}
