using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy (spec section 7.9).</summary>
public sealed class ResourcePolicyTests
{
    private const string Invalid = "The policy is invalid.";
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_policy_is_given_back_as_it_was_put_until_it_is_deleted()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var policy = Policy(Arn("orders"), "kinesis:PutRecord").Replace(",", " ,\n ", StringComparison.Ordinal);

        Assert.Equal("{}", await GetAsync(server, Arn("orders")));
        Assert.Empty((await PutAsync(server, Arn("orders"), policy)).Body);
        Assert.Equal(policy, await GetAsync(server, Arn("orders")));
        Assert.Empty((await server.CallAsync("DeleteResourcePolicy", new { ResourceARN = Arn("orders") })).Body);
        Assert.Equal("{}", await GetAsync(server, Arn("orders")));
        (await server.CallAsync("DeleteResourcePolicy", new { ResourceARN = Arn("orders") })).AssertNotFound($"No resource policy found for resource ARN {Arn("orders")}");
    }

    [Fact]
    public async Task Policies_of_streams_and_consumers_survive_a_restart()
    {
        using var directory = new TemporaryDirectory();
        string consumer;
        await using (var server = await StartAsync(dataDirectory: directory.Path))
        {
            await server.CreateStreamAsync("orders");
            consumer = await RegisterAsync(server);
            (await PutAsync(server, Arn("orders"), Policy(Arn("orders"), "kinesis:PutRecord"))).Succeeded();
            (await PutAsync(server, consumer, Policy(consumer, "kinesis:SubscribeToShard"))).Succeeded();
        }

        await using var restarted = await StartAsync(dataDirectory: directory.Path);
        Assert.Equal(Policy(Arn("orders"), "kinesis:PutRecord"), await GetAsync(restarted, Arn("orders")));
        Assert.Equal(Policy(consumer, "kinesis:SubscribeToShard"), await GetAsync(restarted, consumer));
    }

    [Theory]
    [InlineData("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords")]
    [InlineData("kinesis:PutRecord*")]
    [InlineData("KINESIS:getrecords")]
    public async Task A_stream_can_share_data_and_descriptions(params string[] actions)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");

        (await PutAsync(server, Arn("orders"), Policy(Arn("orders"), actions))).Succeeded();
    }

    [Theory]
    [InlineData("kinesis:DeleteStream")]
    [InlineData("kinesis:SubscribeToShard")]
    [InlineData("kinesis:PutResourcePolicy")]
    [InlineData("kinesis:*")]
    [InlineData("*")]
    [InlineData("kinesis:Get*")]
    [InlineData("kinesis:Unheard")]
    [InlineData("s3:GetObject")]
    public async Task A_stream_shares_nothing_else(string action)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");

        (await PutAsync(server, Arn("orders"), Policy(Arn("orders"), action))).AssertInvalidArgument(Invalid);
        Assert.Equal("{}", await GetAsync(server, Arn("orders")));
    }

    [Fact]
    public async Task A_consumer_can_share_its_description_and_its_subscriptions()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var consumer = await RegisterAsync(server);

        (await PutAsync(server, consumer, Policy(consumer, "kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard"))).Succeeded();
        (await PutAsync(server, consumer, Policy(consumer, "kinesis:PutRecord"))).AssertInvalidArgument(Invalid);
        (await PutAsync(server, consumer, Policy(Arn("orders"), "kinesis:SubscribeToShard"))).AssertInvalidArgument(Invalid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kinesis:PutRecord","Resource":"ARN"}}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"kinesis:PutRecord","Resource":"*"}}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"kinesis:PutRecord","Resource":["ARN","ARN2"]}}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"kinesis:PutRecord","NotResource":"ARN"}}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","NotAction":"kinesis:DeleteStream","Resource":"ARN"}}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"kinesis:PutRecord","Resource":"ARN","Condition":{"StringEquals":{"aws:Unheard":"x"}}}}""")]
    public async Task A_policy_has_its_form(string policy)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");

        (await PutAsync(server, Arn("orders"), policy.Replace("ARN", Arn("orders"), StringComparison.Ordinal))).AssertInvalidArgument(Invalid);
    }

    [Fact]
    public async Task A_policy_has_at_most_20_KiB()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var policy = Policy(Arn("orders"), "kinesis:PutRecord");

        (await PutAsync(server, Arn("orders"), policy.PadRight(20 * 1024))).Succeeded();
        (await PutAsync(server, Arn("orders"), policy.PadRight((20 * 1024) + 1))).AssertInvalidArgument(Invalid);
    }

    [Fact]
    public async Task What_is_not_there_has_no_policy_and_what_is_not_ACTIVE_takes_none()
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        await server.CreateStreamAsync("orders");
        (await PutAsync(server, Arn("orders"), Policy(Arn("orders"), "kinesis:PutRecord"))).AssertInUse(NotActive("orders", "CREATING"));
        server.Time.Advance(Delay);
        await server.UntilStatusAsync("orders", "ACTIVE");
        var consumer = await RegisterAsync(server);
        (await PutAsync(server, consumer, Policy(consumer, "kinesis:SubscribeToShard"))).AssertInUse(
            $"Consumer reader with creation timestamp {consumer[(consumer.LastIndexOf(':') + 1)..]} under stream orders and account {Account} is not in ACTIVE status.");

        foreach (var operation in new[] { "GetResourcePolicy", "DeleteResourcePolicy" })
        {
            (await server.CallAsync(operation, new { ResourceARN = Arn("missing") })).AssertNotFound(NotFound("missing"));
            (await server.CallAsync(operation, new { ResourceARN = $"{Arn("orders")}/consumer/none:1" })).AssertNotFound($"Consumer none, account {Account} not found.");
        }

        (await PutAsync(server, Arn("missing"), "")).AssertNotFound(NotFound("missing"));
    }

    private static string Policy(string arn, params string[] actions) => JsonSerializer.Serialize(
        new { Version = "2012-10-17", Statement = new[] { new { Effect = "Allow", Principal = new { AWS = "111122223333" }, Action = actions, Resource = arn } } });

    private static Task<KinesisReply> PutAsync(TestServer server, string arn, string policy) =>
        server.CallAsync("PutResourcePolicy", new { ResourceARN = arn, Policy = policy });

    private static async Task<string> GetAsync(TestServer server, string arn) =>
        (await server.CallAsync("GetResourcePolicy", new { ResourceARN = arn })).Succeeded().GetProperty("Policy").GetString()!;

    private static async Task<string> RegisterAsync(TestServer server) =>
        (await server.CallAsync("RegisterStreamConsumer", new { StreamARN = Arn("orders"), ConsumerName = "reader" }))
            .Succeeded().GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!;
}
