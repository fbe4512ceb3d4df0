using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Security;

/// <summary>Which action on which resource each operation asks for (spec section 4.4), and what callers of other accounts reach.</summary>
public sealed class AuthorizationTests
{
    private const string Other = "111122223333";

    [Fact]
    public async Task A_reader_of_one_stream_reads_that_stream_and_does_nothing_else()
    {
        await using var server = await SecureServer.StartAsync();
        await CreateAsync(server, server.Owner, "orders");
        await CreateAsync(server, server.Owner, "clicks");
        (await server.CallAsync(server.Owner, "PutRecord", new { StreamName = "orders", Data = Bytes("x"), PartitionKey = "k" })).Succeeded();
        var reader = await server.AddAsync(Allow("[\"kinesis:Describe*\",\"kinesis:Get*\",\"kinesis:ListShards\"]", "arn:aws:kinesis:*:*:stream/orders"), user: "reader");

        (await server.CallAsync(reader, "DescribeStream", new { StreamName = "orders" })).Succeeded();
        (await server.CallAsync(reader, "ListShards", new { StreamARN = Arn("orders") })).Succeeded();
        var iterator = Iterator(await server.CallAsync(reader, "GetShardIterator", new { StreamName = "orders", ShardId = ShardId(0), ShardIteratorType = "TRIM_HORIZON" }));
        Assert.Equal(1, (await server.CallAsync(reader, "GetRecords", new { ShardIterator = iterator })).Succeeded().GetProperty("Records").GetArrayLength());

        await DeniedAsync(server, reader, "PutRecord", new { StreamName = "orders", Data = Bytes("x"), PartitionKey = "k" }, Arn("orders"));
        await DeniedAsync(server, reader, "PutRecords", new { StreamName = "orders", Records = new[] { new { Data = Bytes("x"), PartitionKey = "k" } } }, Arn("orders"));
        await DeniedAsync(server, reader, "DescribeStream", new { StreamName = "clicks" }, Arn("clicks"));
        await DeniedAsync(server, reader, "DescribeStream", new { StreamARN = Arn("missing") }, Arn("missing"));
        await DeniedAsync(server, reader, "DeleteStream", new { StreamName = "orders" }, Arn("orders"));
        await DeniedAsync(server, reader, "ListStreams", new { }, "*");
        await DeniedAsync(server, reader, "CreateStream", new { StreamName = "orders", ShardCount = 1 }, Arn("orders"));
        var foreign = Iterator(await server.CallAsync(server.Owner, "GetShardIterator", new { StreamName = "clicks", ShardId = ShardId(0), ShardIteratorType = "LATEST" }));
        await DeniedAsync(server, reader, "GetRecords", new { ShardIterator = foreign }, Arn("clicks"));
        await DeniedAsync(server, reader, "GetRecords", new { ShardIterator = "AAAA" }, "*");
    }

    [Fact]
    public async Task What_is_wrong_in_itself_is_told_before_what_is_not_allowed()
    {
        await using var server = await SecureServer.StartAsync();
        var nobody = await server.AddAsync(Allow("\"kinesis:DescribeLimits\"", "*"));

        Assert.Contains("ValidationException", (await server.CallAsync(nobody, "DeleteStream", new { StreamName = "" })).Text, StringComparison.Ordinal);
        Assert.Contains("SerializationException", (await server.CallAsync(nobody, "DeleteStream", new { StreamName = 1 })).Text, StringComparison.Ordinal);
        Assert.Contains("AccessDeniedException", (await server.CallAsync(nobody, "DeleteStream", new { StreamName = "missing" })).Text, StringComparison.Ordinal);
        (await server.CallAsync(server.Owner, "DeleteStream", new { StreamName = "missing" })).AssertNotFound(NotFound("missing"));
    }

    [Fact]
    public async Task Tags_at_creation_take_the_permission_to_tag()
    {
        await using var server = await SecureServer.StartAsync();
        var creator = await server.AddAsync(Allow("\"kinesis:CreateStream\"", "*"), user: "creator");
        var tagger = await server.AddAsync(Allow("[\"kinesis:CreateStream\",\"kinesis:AddTagsToStream\"]", "*"));
        var registrar = await server.AddAsync(Allow("\"kinesis:RegisterStreamConsumer\"", "arn:*:stream/plain"), user: "registrar");
        var tagsOfConsumers = await server.AddAsync("""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Action":"kinesis:RegisterStreamConsumer","Resource":"arn:*:stream/plain"},
              {"Effect":"Allow","Action":"kinesis:TagResource","Resource":"arn:*:stream/plain/consumer/*"}]}
            """);
        var tags = new Dictionary<string, string> { ["a"] = "b" };

        (await server.CallAsync(creator, "CreateStream", new { StreamName = "plain", ShardCount = 1 })).Succeeded();
        await DeniedAsync(server, creator, "CreateStream", new { StreamName = "tagged", ShardCount = 1, Tags = tags }, Arn("tagged"), action: "AddTagsToStream");
        (await server.CallAsync(tagger, "CreateStream", new { StreamName = "tagged", ShardCount = 1, Tags = tags })).Succeeded();
        await ActiveAsync(server, "plain");
        (await server.CallAsync(registrar, "RegisterStreamConsumer", new { StreamARN = Arn("plain"), ConsumerName = "one" })).Succeeded();
        await DeniedAsync(
            server, registrar, "RegisterStreamConsumer", new { StreamARN = Arn("plain"), ConsumerName = "two", Tags = tags },
            $"{Arn("plain")}/consumer/two:{server.Now.ToUnixTimeSeconds()}", action: "TagResource");
        (await server.CallAsync(tagsOfConsumers, "RegisterStreamConsumer", new { StreamARN = Arn("plain"), ConsumerName = "two", Tags = tags })).Succeeded();
    }

    [Fact]
    public async Task A_consumer_is_a_resource_of_its_own_however_it_is_named()
    {
        await using var server = await SecureServer.StartAsync();
        await CreateAsync(server, server.Owner, "orders");
        var arn = (await server.CallAsync(server.Owner, "RegisterStreamConsumer", new { StreamARN = Arn("orders"), ConsumerName = "c" }))
            .Succeeded().GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!;
        var ofStream = await server.AddAsync(Allow("\"*\"", Arn("orders")), user: "of-stream");
        var ofConsumer = await server.AddAsync(Allow("\"*\"", arn), user: "of-consumer");

        (await server.CallAsync(ofStream, "ListStreamConsumers", new { StreamARN = Arn("orders") })).Succeeded();
        await DeniedAsync(server, ofConsumer, "ListStreamConsumers", new { StreamARN = Arn("orders") }, Arn("orders"));
        foreach (var naming in new object[]
        {
            new { ConsumerARN = arn }, new { StreamARN = Arn("orders"), ConsumerName = "c" }, new { StreamARN = Arn("orders"), ConsumerARN = arn },
        })
        {
            (await server.CallAsync(ofConsumer, "DescribeStreamConsumer", naming)).Succeeded();
            await DeniedAsync(server, ofStream, "DescribeStreamConsumer", naming, arn);
        }

        await DeniedAsync(
            server, ofStream, "DescribeStreamConsumer", new { StreamARN = Arn("orders"), ConsumerName = "none" },
            $"{Arn("orders")}/consumer/none:{server.Now.ToUnixTimeSeconds()}");
    }

    [Fact]
    public async Task The_pages_of_ListShards_belong_to_the_stream_of_the_first()
    {
        await using var server = await SecureServer.StartAsync();
        await CreateAsync(server, server.Owner, "orders", shards: 3);
        var lister = await server.AddAsync(Allow("\"kinesis:ListShards\"", Arn("orders")), user: "lister");
        var other = await server.AddAsync(Allow("\"kinesis:ListShards\"", Arn("clicks")), user: "other");
        var token = (await server.CallAsync(lister, "ListShards", new { StreamName = "orders", MaxResults = 1 })).Succeeded().GetProperty("NextToken").GetString();

        (await server.CallAsync(lister, "ListShards", new { NextToken = token })).Succeeded();
        await DeniedAsync(server, other, "ListShards", new { NextToken = token }, Arn("orders"));
    }

    [Fact]
    public async Task Accounts_are_apart_also_for_whoever_may_do_everything()
    {
        await using var server = await SecureServer.StartAsync();
        var stranger = await server.AddAsync(account: Other, user: "stranger");
        await CreateAsync(server, server.Owner, "orders");
        await CreateAsync(server, stranger, "orders");

        Assert.Equal(Arn("orders", account: Other), await ArnOfAsync(server, stranger));
        Assert.Equal(Arn("orders"), await ArnOfAsync(server, server.Owner));
        await DeniedAsync(server, stranger, "DescribeStreamSummary", new { StreamARN = Arn("orders") }, Arn("orders"), account: Other, reason: "resource");
        await DeniedAsync(server, stranger, "DeleteStream", new { StreamARN = Arn("orders") }, Arn("orders"), account: Other, reason: "resource");
        (await server.CallAsync(stranger, "DeleteStream", new { StreamName = "orders" })).Succeeded();
        (await server.CallAsync(server.Owner, "DescribeStreamSummary", new { StreamName = "orders" })).Succeeded();
    }

    [Fact]
    public async Task A_shared_stream_is_written_and_read_from_another_account_by_its_ARN()
    {
        await using var server = await SecureServer.StartAsync();
        await CreateAsync(server, server.Owner, "orders", shards: 2);
        var partner = await server.AddAsync(Allow("\"kinesis:*\"", "*"), account: Other, user: "partner");
        var limited = await server.AddAsync(Allow("\"kinesis:ListStreams\"", "*"), account: Other, user: "limited");
        (await server.CallAsync(server.Owner, "PutResourcePolicy", new
        {
            ResourceARN = Arn("orders"),
            Policy = Share(Arn("orders"), Other, "kinesis:PutRecord", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"),
        })).Succeeded();

        var put = new { StreamARN = Arn("orders"), Data = Bytes("x"), PartitionKey = "k", ExplicitHashKey = "0" };
        (await server.CallAsync(partner, "PutRecord", put)).Succeeded();
        await DeniedAsync(server, limited, "PutRecord", put, Arn("orders"), account: Other);
        await DeniedAsync(server, partner, "PutRecords", new { StreamARN = Arn("orders"), Records = new[] { new { Data = Bytes("x"), PartitionKey = "k" } } }, Arn("orders"), account: Other, reason: "resource");
        var iterator = Iterator(await server.CallAsync(partner, "GetShardIterator", new { StreamARN = Arn("orders"), ShardId = ShardId(0), ShardIteratorType = "TRIM_HORIZON" }));
        var page = (await server.CallAsync(partner, "GetRecords", new { ShardIterator = iterator })).Succeeded();
        Assert.Equal(1, page.GetProperty("Records").GetArrayLength());
        (await server.CallAsync(partner, "GetRecords", new { ShardIterator = page.GetProperty("NextShardIterator").GetString() })).Succeeded();
        await DeniedAsync(server, limited, "GetRecords", new { ShardIterator = iterator }, Arn("orders"), account: Other);
        var token = (await server.CallAsync(partner, "ListShards", new { StreamARN = Arn("orders"), MaxResults = 1 })).Succeeded().GetProperty("NextToken").GetString();
        (await server.CallAsync(partner, "ListShards", new { NextToken = token })).Succeeded();
        // By its name the stream is one of the caller's own account, which has none.
        (await server.CallAsync(partner, "PutRecord", new { StreamName = "orders", Data = Bytes("x"), PartitionKey = "k" }))
            .AssertNotFound($"Stream orders under account {Other} not found.");
    }

    [Fact]
    public async Task The_policy_of_a_stream_lets_in_and_keeps_out_within_its_account_too()
    {
        await using var server = await SecureServer.StartAsync();
        await CreateAsync(server, server.Owner, "orders");
        var ann = await server.AddAsync(Allow("\"kinesis:ListStreams\"", "*"), user: "ann");
        await DeniedAsync(server, ann, "DescribeStreamSummary", new { StreamName = "orders" }, Arn("orders"));
        (await server.CallAsync(server.Owner, "PutResourcePolicy", new
        {
            ResourceARN = Arn("orders"),
            Policy = $$$"""
                {"Version":"2012-10-17","Statement":[
                  {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{{Account}}}:user/ann"},"Action":"kinesis:DescribeStreamSummary","Resource":"{{{Arn("orders")}}}"},
                  {"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::{{{Account}}}:user/owner"},"Action":"kinesis:PutRecord","Resource":"{{{Arn("orders")}}}"}]}
                """,
        })).Succeeded();

        (await server.CallAsync(ann, "DescribeStreamSummary", new { StreamName = "orders" })).Succeeded();
        (await server.CallAsync(server.Owner, "PutRecord", new { StreamName = "orders", Data = Bytes("x"), PartitionKey = "k" })).AssertRefused(
            "AccessDeniedException",
            $"User: arn:aws:iam::{Account}:user/owner is not authorized to perform: kinesis:PutRecord on resource: {Arn("orders")} with an explicit deny in a resource-based policy");
        (await server.CallAsync(server.Owner, "DeleteResourcePolicy", new { ResourceARN = Arn("orders") })).Succeeded();
        (await server.CallAsync(server.Owner, "PutRecord", new { StreamName = "orders", Data = Bytes("x"), PartitionKey = "k" })).Succeeded();
        await DeniedAsync(server, ann, "DescribeStreamSummary", new { StreamName = "orders" }, Arn("orders"));
    }

    [Fact]
    public async Task Conditions_are_asked_about_the_real_request()
    {
        await using var server = await SecureServer.StartAsync();
        var local = await server.AddAsync(Conditional("""{"IpAddress":{"aws:SourceIp":["127.0.0.0/8","::1/128"]},"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"""), user: "local");
        var secure = await server.AddAsync(Conditional("""{"Bool":{"aws:SecureTransport":"true"}}"""), user: "secure");
        var early = await server.AddAsync(Conditional("""{"DateLessThan":{"aws:CurrentTime":"2026-01-01T01:00:00Z"}}"""), user: "early");

        (await server.CallAsync(local, "ListStreams", "{}")).Succeeded();
        Assert.Contains("AccessDenied", (await server.CallAsync(local, "ListStreams", "{}", region: "eu-west-1")).Text, StringComparison.Ordinal);
        await DeniedAsync(server, secure, "ListStreams", new { }, "*");
        (await server.CallAsync(early, "ListStreams", "{}")).Succeeded();
        server.Time.Advance(TimeSpan.FromHours(1));
        await DeniedAsync(server, early, "ListStreams", new { }, "*");

        static string Conditional(string condition) => $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}""";
    }

    private static string Allow(string actions, string resource) => $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":{{{actions}}},"Resource":"{{{resource}}}"}}""";

    private static string Share(string arn, string principal, params string[] actions) => JsonSerializer.Serialize(
        new { Version = "2012-10-17", Statement = new { Effect = "Allow", Principal = new { AWS = principal }, Action = actions, Resource = arn } });

    private static async Task DeniedAsync(
        SecureServer server, AwsKey key, string operation, object input, string resource, string? action = null, string account = Account, string reason = "identity")
    {
        var user = server.Credentials.List().Single(stored => stored.AccessKeyId == key.Id).UserName;
        action ??= operation;
        (await server.CallAsync(key, operation, input)).AssertRefused(
            "AccessDeniedException",
            $"User: arn:aws:iam::{account}:user/{user} is not authorized to perform: kinesis:{action} on resource: {resource} because no {reason}-based policy allows the kinesis:{action} action");
    }

    private static async Task CreateAsync(SecureServer server, AwsKey key, string stream, int shards = 1)
    {
        (await server.CallAsync(key, "CreateStream", new { StreamName = stream, ShardCount = shards })).Succeeded();
        await ActiveAsync(server, stream, key);
    }

    private static Task ActiveAsync(SecureServer server, string stream, AwsKey? key = null) => server.UntilAsync(
        $"{stream} is ACTIVE",
        async () => (await server.CallAsync(key ?? server.Owner, "DescribeStreamSummary", new { StreamName = stream })).Text.Contains("\"ACTIVE\"", StringComparison.Ordinal));

    private static async Task<string?> ArnOfAsync(SecureServer server, AwsKey key) =>
        (await server.CallAsync(key, "DescribeStreamSummary", new { StreamName = "orders" })).Succeeded().GetProperty("StreamDescriptionSummary").GetProperty("StreamARN").GetString();
}
