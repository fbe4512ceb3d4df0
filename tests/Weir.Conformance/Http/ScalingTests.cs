using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>UpdateShardCount: what it answers, what it refuses, in the service's words and order. The peers check what it comes to.</summary>
public sealed class ScalingTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    [Fact]
    public async Task The_answer_names_the_count_before_and_the_target()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("scaled", shards: 2);
        const string arn = "arn:aws:kinesis:us-east-1:000000000000:stream/scaled";
        Assert.Equal(
            $$"""{"StreamName":"scaled","CurrentShardCount":2,"TargetShardCount":3,"StreamARN":"{{arn}}"}""",
            (await http.CallAsync("UpdateShardCount", new { StreamARN = arn, TargetShardCount = 3, ScalingType = "UNIFORM_SCALING" })).Succeeded().Text);
        await http.UntilActiveAsync("scaled");
        Assert.Equal(
            $$"""{"StreamName":"scaled","CurrentShardCount":3,"TargetShardCount":3,"StreamARN":"{{arn}}"}""",
            (await http.CallAsync("UpdateShardCount", Request("scaled", 3))).Succeeded().Text);
    }

    [Theory]
    [InlineData(11, "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 5 Target shard count: 11")]
    [InlineData(2, "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: 5 Target shard count: 2")]
    public async Task Too_far_at_once_is_refused(int target, string text)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CallAsync("CreateStream", """{"StreamName":"too-far","ShardCount":5}""");
        await http.UntilActiveAsync("too-far");
        (await http.CallAsync("UpdateShardCount", Request("too-far", target))).AssertRefused("LimitExceededException", text);
    }

    [Fact]
    public async Task The_eleventh_scaling_of_a_day_is_refused()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("often", shards: 1);
        for (var i = 0; i < 10; i++)
        {
            (await http.CallAsync("UpdateShardCount", Request("often", 2 - (i % 2)))).Succeeded();
            await http.UntilActiveAsync("often");
        }

        (await http.CallAsync("UpdateShardCount", Request("often", 2))).AssertRefused(
            "LimitExceededException", "UpdateShardCount has been called 10 times in a rolling 24 hour period for stream often under account 000000000000.");
    }

    [Fact]
    public async Task A_missing_stream_is_not_found()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync("UpdateShardCount", Request("absent", 2)))
            .AssertRefused("ResourceNotFoundException", "Stream absent under account 000000000000 not found.");
    }

    private static object Request(string stream, int target) => new { StreamName = stream, TargetShardCount = target, ScalingType = "UNIFORM_SCALING" };
}
