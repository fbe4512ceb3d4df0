using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>What the operations on tags refuse, and which of two refusals comes first: what can never succeed, then the status.</summary>
public sealed class TagRefusalTests
{
    private const string Invalid = "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.";

    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    public static TheoryData<bool> ByNameAndByArn => [false, true];

    [Theory, MemberData(nameof(ByNameAndByArn))]
    public async Task The_earlier_check_of_two_wins_when_tags_are_added(bool byArn)
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        Task<KinesisReply> Add(params string[] keys) => AddAsync(server, byArn, keys);

        (await Add("aws:%;")).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders");
        (await Add("aws:%", "b;")).AssertInvalidArgument(Invalid);
        (await Add([.. Many(), "aws:x", "50%"])).AssertInvalidArgument(
            $"Failed to add tags to stream orders under account {Account} because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.");
        (await Add([.. Many(), "aws:x"])).AssertInvalidArgument(
            $"Failed to add tags to stream orders under account {Account} because a given stream cannot have more than 50 tags associated with it.");
        (await Add("aWs:x")).AssertInvalidArgument("The tag key aWs:x is reserved: keys that begin with aws: cannot be added or removed.");
        (await Add("team")).AssertInUse(NotActive("orders", "CREATING"));
        server.Time.Advance(Delay);
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await Add("team")).Succeeded();
        (await server.SplitAsync("orders", 0)).Succeeded();
        (await Add("team")).AssertInUse(NotActive("orders", "UPDATING"));
    }

    [Theory, MemberData(nameof(ByNameAndByArn))]
    public async Task The_earlier_check_of_two_wins_when_tags_are_removed(bool byArn)
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        Task<KinesisReply> Remove(params string[] keys) => byArn
            ? server.CallAsync("UntagResource", new { ResourceARN = Arn("orders"), TagKeys = keys })
            : server.CallAsync("RemoveTagsFromStream", new { StreamName = "orders", TagKeys = keys });

        (await Remove("aws:%;")).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders");
        (await Remove("aws:%", "b;")).AssertInvalidArgument(Invalid);
        (await Remove("aws:x", "50%")).AssertInvalidArgument(
            $"Failed to remove tags from stream orders under account {Account} because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.");
        (await Remove("aws:x")).AssertInvalidArgument("The tag key aws:x is reserved: keys that begin with aws: cannot be added or removed.");
        (await Remove("team")).AssertInUse(NotActive("orders", "CREATING"));
    }

    [Fact]
    public async Task Tags_are_read_in_any_status_and_counted_after_the_change()
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        (await server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1, Tags = Tags(Many()[1..]) })).Succeeded();
        foreach (var (operation, input) in new (string, object)[] { ("ListTagsForStream", new { StreamName = "orders" }), ("ListTagsForResource", new { ResourceARN = Arn("orders") }) })
            Assert.Equal(KinesisLimits.MaxTags, (await server.CallAsync(operation, input)).Succeeded().GetProperty("Tags").GetArrayLength());
        server.Time.Advance(Delay);
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await AddAsync(server, byArn: false, Many()[1..])).Succeeded();
        (await AddAsync(server, byArn: true, "one more")).AssertInvalidArgument(
            $"Failed to add tags to stream orders under account {Account} because a given stream cannot have more than 50 tags associated with it.");
    }

    [Fact]
    public async Task A_consumer_that_is_not_ACTIVE_takes_no_tags()
    {
        await using var server = await StartAsync(transitionDelay: Delay);
        await server.CreateStreamAsync("orders");
        server.Time.Advance(Delay);
        await server.UntilStatusAsync("orders", "ACTIVE");
        var consumer = (await server.CallAsync("RegisterStreamConsumer", new { StreamARN = Arn("orders"), ConsumerName = "reader" })).Succeeded().GetProperty("Consumer");
        var arn = consumer.GetProperty("ConsumerARN").GetString()!;
        var text = $"Consumer reader with creation timestamp {arn[(arn.LastIndexOf(':') + 1)..]} under stream: orders , account {Account} is not in ACTIVE status.";
        (await server.CallAsync("TagResource", new { ResourceARN = arn, Tags = new { team = "water" } })).AssertInUse(text);
        (await server.CallAsync("UntagResource", new { ResourceARN = arn, TagKeys = new[] { "team" } })).AssertInUse(text);
        Assert.Equal(0, (await server.CallAsync("ListTagsForResource", new { ResourceARN = arn })).Succeeded().GetProperty("Tags").GetArrayLength());
    }

    private static Task<KinesisReply> AddAsync(TestServer server, bool byArn, params string[] keys) => byArn
        ? server.CallAsync("TagResource", new { ResourceARN = Arn("orders"), Tags = Tags(keys) })
        : server.CallAsync("AddTagsToStream", new { StreamName = "orders", Tags = Tags(keys) });

    // One more than a stream may have.
    private static string[] Many() => [.. Enumerable.Range(0, KinesisLimits.MaxTags + 1).Select(i => $"key{i}")];

    private static Dictionary<string, string> Tags(IEnumerable<string> keys) => keys.ToDictionary(key => key, _ => "");
}
