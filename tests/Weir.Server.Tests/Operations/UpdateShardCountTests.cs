using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>UpdateShardCount: what it refuses, and which of two refusals comes first. Where a scaling leads is the engine's test.</summary>
public sealed class UpdateShardCountTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task The_earlier_check_of_two_wins()
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        // The model, the address, the stream, its status, twice and half.
        (await ScaleAsync(server, "orders", 0)).AssertInvalid("Value '0' at 'targetShardCount' failed to satisfy constraint: Member must have value greater than or equal to 1");
        (await ScaleAsync(server, null, 9)).AssertInvalidArgument("Either StreamARN or StreamName must be provided.");
        (await ScaleAsync(server, "orders", 9)).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders", shards: 4);
        (await ScaleAsync(server, "orders", 9)).AssertInUse(NotActive("orders", "CREATING"));
        server.Time.Advance(Delay);
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await ScaleAsync(server, "orders", 9)).AssertLimitExceeded(AboveDouble(open: 4, target: 9));
        (await ScaleAsync(server, "orders", 1)).AssertLimitExceeded(
            "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: 4 Target shard count: 1");
        (await ScaleAsync(server, "orders", 8)).Succeeded();
        (await ScaleAsync(server, "orders", 99)).AssertInUse(NotActive("orders", "UPDATING"));
    }

    [Fact]
    public async Task The_count_of_a_day_is_looked_at_last()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        for (var i = 0; i < KinesisLimits.MaxScalingsPerPeriod; i++)
        {
            (await ScaleAsync(server, "orders", 2 - (i % 2))).Succeeded();
            await server.UntilStatusAsync("orders", "ACTIVE");
        }

        const string often = "UpdateShardCount has been called 10 times in a rolling 24 hour period for stream orders under account 000000000000.";
        (await ScaleAsync(server, "orders", 3)).AssertLimitExceeded(AboveDouble(open: 1, target: 3));
        (await ScaleAsync(server, "orders", 2)).AssertLimitExceeded(often);
        server.Time.Advance(KinesisLimits.QuotaPeriod - TimeSpan.FromMilliseconds(1));
        (await ScaleAsync(server, "orders", 2)).AssertLimitExceeded(often);
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await ScaleAsync(server, "orders", 2)).Succeeded();
    }

    [Fact]
    public async Task The_most_of_a_stream_is_told_before_the_most_of_the_account()
    {
        await using var server = await StartAsync();
        const int open = (KinesisLimits.MaxShardsByScaling / 2) + 1;
        await server.CreateStreamAsync("orders", open);
        (await ScaleAsync(server, "orders", (2 * open) + 1)).AssertLimitExceeded(AboveDouble(open, (2 * open) + 1));
        await server.CreateStreamAsync("others", KinesisLimits.MaxShardsPerAccount - open);
        (await ScaleAsync(server, "orders", KinesisLimits.MaxShardsByScaling + 1)).AssertLimitExceeded(
            $"UpdateShardCount cannot scale a stream to more than 10000 shards. Current open shard count: {open} Target shard count: 10001");
        var refusal = await ScaleAsync(server, "orders", KinesisLimits.MaxShardsByScaling);
        Assert.Contains("\"LimitExceededException\"", refusal.Text, StringComparison.Ordinal);
        Assert.Contains($"This request would exceed the shard limit for the account {Account} in {Region}. Current shard count for the account: 20000. Limit: 20000.", refusal.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_models_order()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("UpdateShardCount", new { StreamName = "a b", ScalingType = "SOME" })).AssertInvalid(
            "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
            "Value null at 'targetShardCount' failed to satisfy constraint: Member must not be null",
            "Value 'SOME' at 'scalingType' failed to satisfy constraint: Member must satisfy enum value set: [UNIFORM_SCALING]");
    }

    private static string AboveDouble(int open, int target) =>
        $"UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: {open} Target shard count: {target}";

    private static Task<KinesisReply> ScaleAsync(TestServer server, string? stream, int target) =>
        server.CallAsync("UpdateShardCount", new { StreamName = stream, TargetShardCount = target, ScalingType = "UNIFORM_SCALING" });
}
