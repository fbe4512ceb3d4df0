using System.Globalization;
using System.Text.Json;
using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>Registering, describing, listing and deregistering readers by enhanced fan-out (spec sections 5.9 and 7.6).</summary>
public sealed class StreamConsumerTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_registered_consumer_is_CREATING_in_the_answer_and_then_ACTIVE_in_its_description()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var registered = (await RegisterAsync(server, "reader")).Succeeded().GetProperty("Consumer");
        var arn = $"{Arn("orders")}/consumer/reader:{Begin.ToUnixTimeSeconds()}";
        Assert.Equal(["ConsumerARN", "ConsumerCreationTimestamp", "ConsumerName", "ConsumerStatus"], registered.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(("reader", arn, "CREATING", Seconds(Begin)), Values(registered));

        foreach (var naming in new object[]
        {
            new { ConsumerARN = arn },
            new { StreamARN = Arn("orders"), ConsumerName = "reader" },
            new { StreamARN = Arn("orders"), ConsumerName = "reader", ConsumerARN = arn },
        })
        {
            var description = (await server.CallAsync("DescribeStreamConsumer", naming)).Succeeded().GetProperty("ConsumerDescription");
            Assert.Equal(("reader", arn, "ACTIVE", Seconds(Begin)), Values(description));
            Assert.Equal(Arn("orders"), description.GetProperty("StreamARN").GetString());
        }

        Assert.Equal(1, await ConsumerCountAsync(server));
    }

    [Fact]
    public async Task CREATING_and_DELETING_are_visible_while_transitions_take_time()
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        await CreateActiveAsync(server);
        var arn = (await RegisterAsync(server, "reader")).Succeeded().GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!;
        Assert.Equal("CREATING", await StatusAsync(server, arn));
        server.Time.Advance(Delay);
        await UntilAsync("the consumer is ACTIVE", async () => await StatusAsync(server, arn) == "ACTIVE");
        (await server.CallAsync("DeregisterStreamConsumer", new { ConsumerARN = arn })).Succeeded();
        Assert.Equal("DELETING", await StatusAsync(server, arn));
        (await RegisterAsync(server, "reader")).AssertInUse(Exists("reader"));
        server.Time.Advance(Delay);
        await UntilAsync("the consumer is gone", async () => !(await server.CallAsync("DescribeStreamConsumer", new { ConsumerARN = arn })).Text.Contains("DELETING", StringComparison.Ordinal));
        (await server.CallAsync("DescribeStreamConsumer", new { ConsumerARN = arn })).AssertNotFound(NoConsumer("reader"));
    }

    [Fact]
    public async Task A_consumer_that_is_registered_again_is_another_one()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var first = (await RegisterAsync(server, "reader")).Succeeded().GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!;
        (await server.CallAsync("DeregisterStreamConsumer", new { ConsumerARN = first })).Succeeded();
        server.Time.Advance(TimeSpan.FromSeconds(1));
        var second = (await RegisterAsync(server, "reader")).Succeeded().GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!;
        Assert.NotEqual(first, second);
        (await server.CallAsync("DescribeStreamConsumer", new { ConsumerARN = first })).AssertNotFound(NoConsumer("reader"));
        (await server.CallAsync("DeregisterStreamConsumer", new { ConsumerARN = first })).AssertNotFound(NoConsumer("reader"));
        Assert.Equal("ACTIVE", await StatusAsync(server, second));
    }

    [Fact]
    public async Task Refusals_come_in_the_order_stream_tags_name_status_count()
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        (await RegisterAsync(server, "reader")).AssertNotFound(NotFound("orders"));
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1 })).Succeeded();
        (await RegisterAsync(server, "reader", new Dictionary<string, string> { ["ü?"] = "" })).AssertInvalidArgument(
            "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.");
        (await RegisterAsync(server, "reader")).AssertInUse(NotActive("orders", "CREATING"));
        server.Time.Advance(Delay);
        await server.UntilStatusAsync("orders", "ACTIVE");
        for (var i = 0; i < KinesisLimits.MaxConsumersCreating; i++)
            (await RegisterAsync(server, $"reader-{i}")).Succeeded();
        (await RegisterAsync(server, "reader-0")).AssertInUse(Exists("reader-0"));
        (await RegisterAsync(server, "one-more")).AssertLimitExceeded($"Account {Account} cannot have more than 5 consumers in CREATING at the same time.");
    }

    [Fact]
    public async Task A_stream_has_at_most_twenty_consumers_and_lists_them_by_name_in_pages()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var names = Enumerable.Range(0, KinesisLimits.MaxConsumers).Select(i => string.Create(CultureInfo.InvariantCulture, $"reader-{i:D2}")).ToArray();
        foreach (var name in names.Reverse())
            (await RegisterAsync(server, name)).Succeeded();
        (await RegisterAsync(server, "one-more")).AssertLimitExceeded($"Stream orders under account {Account} cannot have more than 20 consumers.");

        var listed = new List<string>();
        string? token = null;
        do
        {
            var page = (await server.CallAsync("ListStreamConsumers", new { StreamARN = Arn("orders"), MaxResults = 7, NextToken = token })).Succeeded();
            listed.AddRange(page.GetProperty("Consumers").EnumerateArray().Select(consumer => consumer.GetProperty("ConsumerName").GetString()!));
            token = page.TryGetProperty("NextToken", out var next) ? next.GetString() : null;
        }
        while (token is not null);
        Assert.Equal(names, listed);
    }

    [Fact]
    public async Task A_token_of_another_stream_or_an_old_one_is_refused()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.CreateStreamAsync("water");
        (await RegisterAsync(server, "a")).Succeeded();
        (await RegisterAsync(server, "b")).Succeeded();
        var token = (await server.CallAsync("ListStreamConsumers", new { StreamARN = Arn("orders"), MaxResults = 1 })).Succeeded().GetProperty("NextToken").GetString();
        (await server.CallAsync("ListStreamConsumers", new { StreamARN = Arn("water"), NextToken = token })).AssertInvalidArgument("NextToken is invalid.");
        (await server.CallAsync("ListStreamConsumers", new { StreamARN = Arn("orders"), NextToken = "AAAA" })).AssertInvalidArgument("NextToken is invalid.");
        (await server.CallAsync("ListStreamConsumers", new { StreamARN = Arn("orders"), NextToken = token, StreamCreationTimestamp = Seconds(Begin) }))
            .AssertInvalidArgument("NextToken and StreamCreationTimestamp cannot be provided together.");
        server.Time.Advance(KinesisLimits.NextTokenLifetime + TimeSpan.FromSeconds(1));
        (await server.CallAsync("ListStreamConsumers", new { StreamARN = Arn("orders"), NextToken = token })).AssertRefused(
            "ExpiredNextTokenException",
            "The NextToken expired. It was created at Thu Jan 01 00:00:00 UTC 2026 while right now it is Thu Jan 01 00:05:01 UTC 2026.");
        (await server.CallAsync("ListStreamConsumers", new { StreamARN = Arn("orders"), StreamCreationTimestamp = Seconds(Begin) - 1 })).AssertNotFound(NotFound("orders"));
        (await server.CallAsync("ListStreamConsumers", new { StreamARN = Arn("orders"), StreamCreationTimestamp = Seconds(Begin) })).Succeeded();
    }

    [Fact]
    public async Task A_consumer_has_to_be_named_in_one_way_or_in_both_alike()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var arn = (await RegisterAsync(server, "reader")).Succeeded().GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!;
        const string notNamed = "Either ConsumerARN or both StreamARN and ConsumerName must be provided.";
        foreach (var operation in new[] { "DescribeStreamConsumer", "DeregisterStreamConsumer" })
        {
            (await server.CallAsync(operation, new { ConsumerName = "reader" })).AssertInvalidArgument(notNamed);
            (await server.CallAsync(operation, new { StreamARN = Arn("orders") })).AssertInvalidArgument(notNamed);
            (await server.CallAsync(operation, new { ConsumerARN = arn, ConsumerName = "other" }))
                .AssertInvalidArgument($"ConsumerARN {arn} does not refer to the consumer that StreamARN and ConsumerName refer to.");
            (await server.CallAsync(operation, new { StreamARN = Arn("orders"), ConsumerName = "other" })).AssertNotFound(NoConsumer("other"));
            (await server.CallAsync(operation, new { StreamARN = Arn("water"), ConsumerName = "reader" })).AssertNotFound(NotFound("water"));
            (await server.CallAsync(operation, new { ConsumerARN = arn.Replace("us-east-1", "eu-west-1", StringComparison.Ordinal) }))
                .AssertInvalidArgument($"ConsumerARN {arn.Replace("us-east-1", "eu-west-1", StringComparison.Ordinal)} does not belong to the region us-east-1.");
        }
    }

    [Fact]
    public async Task Tags_of_a_consumer_are_its_own()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var arn = (await RegisterAsync(server, "reader", new Dictionary<string, string> { ["team"] = "water" })).Succeeded().GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!;
        (await server.CallAsync("TagResource", new { ResourceARN = arn, Tags = new { place = "harbour" } })).Succeeded();
        (await server.CallAsync("UntagResource", new { ResourceARN = arn, TagKeys = new[] { "team" } })).Succeeded();
        Assert.Equal("""[{"Key":"place","Value":"harbour"}]""", await TagsAsync(server, arn));
        Assert.Equal("[]", await TagsAsync(server, Arn("orders")));
        (await server.CallAsync("TagResource", new { ResourceARN = $"{Arn("orders")}/consumer/reader:5", Tags = new { a = "b" } })).AssertNotFound(NoConsumer("reader"));
    }

    [Fact]
    public async Task A_stream_with_consumers_is_deleted_only_together_with_them()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await RegisterAsync(server, "reader")).Succeeded();
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).AssertInUse(
            $"DeleteStream can't delete {Account}:orders because there are consumers associated with this data stream. To delete orders anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the consumers that are associated with it.");
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
        (await server.CallAsync("DeleteStream", new { StreamName = "orders", EnforceConsumerDeletion = true })).Succeeded();
        await server.CreateStreamAsync("orders");
        Assert.Equal(0, await ConsumerCountAsync(server));
    }

    private static Task<KinesisReply> RegisterAsync(TestServer server, string name, Dictionary<string, string>? tags = null) =>
        server.CallAsync("RegisterStreamConsumer", new { StreamARN = Arn("orders"), ConsumerName = name, Tags = tags });

    private static async Task CreateActiveAsync(TestServer server)
    {
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1 })).Succeeded();
        server.Time.Advance(Delay);
        await server.UntilStatusAsync("orders", "ACTIVE");
    }

    private static async Task<string> StatusAsync(TestServer server, string arn) =>
        (await server.CallAsync("DescribeStreamConsumer", new { ConsumerARN = arn })).Succeeded().GetProperty("ConsumerDescription").GetProperty("ConsumerStatus").GetString()!;

    private static async Task<string> TagsAsync(TestServer server, string arn) =>
        (await server.CallAsync("ListTagsForResource", new { ResourceARN = arn })).Succeeded().GetProperty("Tags").GetRawText();

    private static async Task<int> ConsumerCountAsync(TestServer server) =>
        (await server.CallAsync("DescribeStreamSummary", new { StreamName = "orders" })).Succeeded().GetProperty("StreamDescriptionSummary").GetProperty("ConsumerCount").GetInt32();

    private static (string? Name, string? Arn, string? Status, double Created) Values(JsonElement consumer) => (
        consumer.GetProperty("ConsumerName").GetString(), consumer.GetProperty("ConsumerARN").GetString(), consumer.GetProperty("ConsumerStatus").GetString(),
        consumer.GetProperty("ConsumerCreationTimestamp").GetDouble());

    private static string NoConsumer(string name) => $"Consumer {name}, account {Account} not found.";

    private static string Exists(string name) => $"Consumer {name} under stream orders under account {Account} already exists.";
}
