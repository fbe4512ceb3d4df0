using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>UpdateStreamWarmThroughput, and what the commitment of an account allows.</summary>
public sealed class WarmThroughputTests
{
    [Fact]
    public async Task The_target_is_told_at_once_and_the_present_when_the_shards_are_there()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(5));
        await CommitAsync(server, "ENABLED");
        (await server.CallAsync("CreateStream", new { StreamName = "orders" })).Succeeded();
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await server.UntilStatusAsync("orders", "ACTIVE");
        Assert.Equal(
            $$$"""{"StreamARN":"{{{Arn("orders")}}}","StreamName":"orders","WarmThroughput":{"TargetMiBps":7,"CurrentMiBps":4}}""",
            (await WarmAsync(server, 7)).Text);
        Assert.Equal("""{"TargetMiBps":7,"CurrentMiBps":4}""", await ShownAsync(server));
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await server.UntilStatusAsync("orders", "ACTIVE");
        Assert.Equal("""{"TargetMiBps":7,"CurrentMiBps":7}""", await ShownAsync(server));
        Assert.Equal("""{"TargetMiBps":2,"CurrentMiBps":2}""", (await WarmAsync(server, 2)).Succeeded().GetProperty("WarmThroughput").GetRawText());
    }

    [Fact]
    public async Task Refusals_come_in_their_order()
    {
        await using var server = await StartAsync();
        (await WarmAsync(server, -1)).AssertInvalid("Value '-1' at 'warmThroughputMiBps' failed to satisfy constraint: Member must have value greater than or equal to 0");
        (await WarmAsync(server, 5)).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders", shards: 4);
        (await WarmAsync(server, 20_000)).AssertRefused("ValidationException", $"Request is invalid. Stream orders under account {Account} is in Provisioned mode.");
        (await server.CallAsync("UpdateStreamMode", new { StreamARN = Arn("orders"), StreamModeDetails = new { StreamMode = "ON_DEMAND" } })).Succeeded();
        (await WarmAsync(server, 20_000)).AssertRefused(
            "ValidationException", $"WarmThroughputMiBps requires the minimum throughput billing commitment, which account {Account} has not enabled.");
        await CommitAsync(server, "ENABLED");
        (await WarmAsync(server, 20_000)).AssertLimitExceeded("WarmThroughputMiBps cannot be more than 10240. Specified value was 20000");
        await server.CreateStreamAsync("others", shards: 19_990);
        (await WarmAsync(server, 20)).AssertLimitExceeded(
            $"This request would exceed the shard limit for the account {Account} in {Region}. Current shard count for the account: 19994. Limit: 20000. Number of additional shards that would have resulted from this request: 16. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.");
        (await WarmAsync(server, 10)).Succeeded();
    }

    [Fact]
    public async Task A_commitment_is_told_with_its_times_and_ends_only_without_warm_throughput()
    {
        await using var server = await StartAsync();
        const string never = """{"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}}""";
        Assert.Equal(never, (await server.CallAsync("DescribeAccountSettings", new { })).Text);
        Assert.Equal(never, (await CommitAsync(server, "DISABLED")).Text);
        const string enabled = """{"MinimumThroughputBillingCommitment":{"Status":"ENABLED","StartedAt":1767225600.000,"EarliestAllowedEndAt":1767312000.000}}""";
        Assert.Equal(enabled, (await CommitAsync(server, "ENABLED")).Text);
        Assert.Equal(enabled, (await server.CallAsync("DescribeAccountSettings", new { })).Text);
        (await server.CallAsync("CreateStream", new { StreamName = "orders", WarmThroughputMiBps = 4 })).Succeeded();
        (await CommitAsync(server, "DISABLED")).AssertRefused(
            "ValidationException", $"The minimum throughput billing commitment of account {Account} cannot be disabled while streams have warm throughput.");
        (await WarmAsync(server, 0)).Succeeded();
        Assert.Equal(
            """{"MinimumThroughputBillingCommitment":{"Status":"ENABLED_UNTIL_EARLIEST_ALLOWED_END","StartedAt":1767225600.000,"EarliestAllowedEndAt":1767312000.000}}""",
            (await CommitAsync(server, "DISABLED")).Text);
        // A commitment that ends takes no new warm throughput, or it could never end.
        (await WarmAsync(server, 4)).AssertRefused(
            "ValidationException", $"WarmThroughputMiBps requires the minimum throughput billing commitment, which account {Account} has not enabled.");
        server.Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(
            """{"MinimumThroughputBillingCommitment":{"Status":"DISABLED","StartedAt":1767225600.000,"EndedAt":1767312000.000}}""",
            (await server.CallAsync("DescribeAccountSettings", new { })).Text);
        (await server.CallAsync("UpdateAccountSettings", new { MinimumThroughputBillingCommitment = new { Status = "MAYBE" } })).AssertInvalid(
            "Value 'MAYBE' at 'minimumThroughputBillingCommitment.status' failed to satisfy constraint: Member must satisfy enum value set: [ENABLED, DISABLED]");
    }

    [Fact]
    public async Task A_committed_account_has_fifty_consumers_on_an_on_demand_stream()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("CreateStream", new { StreamName = "orders" })).Succeeded();
        await server.CreateStreamAsync("provisioned");
        for (var i = 0; i < 20; i++)
        {
            (await RegisterAsync(server, "orders", i)).Succeeded();
            (await RegisterAsync(server, "provisioned", i)).Succeeded();
        }

        (await RegisterAsync(server, "orders", 20)).AssertLimitExceeded($"Stream orders under account {Account} cannot have more than 20 consumers.");
        await CommitAsync(server, "ENABLED");
        for (var i = 20; i < 50; i++)
            (await RegisterAsync(server, "orders", i)).Succeeded();
        (await RegisterAsync(server, "orders", 50)).AssertLimitExceeded($"Stream orders under account {Account} cannot have more than 50 consumers.");
        (await RegisterAsync(server, "provisioned", 20)).AssertLimitExceeded($"Stream provisioned under account {Account} cannot have more than 20 consumers.");
    }

    private static Task<KinesisReply> RegisterAsync(TestServer server, string stream, int number) =>
        server.CallAsync("RegisterStreamConsumer", new { StreamARN = Arn(stream), ConsumerName = $"reader{number}" });

    private static Task<KinesisReply> WarmAsync(TestServer server, int mibps) =>
        server.CallAsync("UpdateStreamWarmThroughput", new { StreamName = "orders", WarmThroughputMiBps = mibps });

    private static Task<KinesisReply> CommitAsync(TestServer server, string status) =>
        server.CallAsync("UpdateAccountSettings", new { MinimumThroughputBillingCommitment = new { Status = status } });

    private static async Task<string> ShownAsync(TestServer server) => (await server.CallAsync("DescribeStreamSummary", new { StreamName = "orders" })).Succeeded()
        .GetProperty("StreamDescriptionSummary").GetProperty("WarmThroughput").GetRawText();
}
