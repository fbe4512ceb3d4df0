using System.Text.Json;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>Tags by stream name and by resource ARN: one set, the service's order of checks and its texts.</summary>
public sealed class TagTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const string InvalidCharacters = "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.";

    [Fact]
    public async Task A_stream_and_its_ARN_have_the_same_tags()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync("CreateStream", """{"StreamName":"tags","ShardCount":1,"Tags":{"made":"with it"}}""")).Succeeded();
        var arn = ((JsonElement)await http.UntilActiveAsync("tags")).GetProperty("StreamARN").GetString();
        Assert.Empty((await http.CallAsync("AddTagsToStream", """{"StreamName":"tags","Tags":{"team":"water","empty":"","\u00e9t\u00e9 _./=+-@:":"v"}}""")).Succeeded().Body);
        (await http.CallAsync("TagResource", new { ResourceARN = arn, Tags = new { team = "air" } })).Succeeded();
        Assert.Equal(
            """{"Tags":[{"Key":"empty","Value":""},{"Key":"made","Value":"with it"}],"HasMoreTags":true}""",
            (await http.CallAsync("ListTagsForStream", """{"StreamName":"tags","Limit":2}""")).Succeeded().Text);
        Assert.Equal(
            """{"Tags":[{"Key":"team","Value":"air"}],"HasMoreTags":true}""",
            (await http.CallAsync("ListTagsForStream", """{"StreamName":"tags","Limit":1,"ExclusiveStartTagKey":"n"}""")).Succeeded().Text);
        (await http.CallAsync("RemoveTagsFromStream", """{"StreamName":"tags","TagKeys":["empty","unknown"]}""")).Succeeded();
        (await http.CallAsync("UntagResource", new { ResourceARN = arn, TagKeys = new[] { "made" } })).Succeeded();
        Assert.Equal(
            ["team", "\u00e9t\u00e9 _./=+-@:"],
            (await http.CallAsync("ListTagsForResource", new { ResourceARN = arn })).Succeeded().Json
                .GetProperty("Tags").EnumerateArray().Select(tag => tag.GetProperty("Key").GetString()));
    }

    [Theory]
    [InlineData("AddTagsToStream", """{"StreamName":"tag-refusals","Tags":{"a;%":"b"}}""", InvalidCharacters)]
    [InlineData("AddTagsToStream", """{"StreamName":"tag-refusals","Tags":{"a":"b\t"}}""", InvalidCharacters)]
    [InlineData("AddTagsToStream", """{"StreamName":"tag-refusals","Tags":{"a":"\ud83d\ude00"}}""", InvalidCharacters)]
    [InlineData("RemoveTagsFromStream", """{"StreamName":"tag-refusals","TagKeys":["a,b"]}""", InvalidCharacters)]
    [InlineData("CreateStream", """{"StreamName":"tag-refusals","ShardCount":1,"Tags":{"a":"!"}}""", InvalidCharacters)]
    [InlineData("AddTagsToStream", """{"StreamName":"tag-refusals","Tags":{"a":"5%"}}""", "Failed to add tags to stream tag-refusals under account 000000000000 because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.")]
    [InlineData("RemoveTagsFromStream", """{"StreamName":"tag-refusals","TagKeys":["5%"]}""", "Failed to remove tags from stream tag-refusals under account 000000000000 because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.")]
    [InlineData("AddTagsToStream", """{"StreamName":"tag-refusals","Tags":{"AWS:x":"b"}}""", "The tag key AWS:x is reserved: keys that begin with aws: cannot be added or removed.")]
    [InlineData("TagResource", """{"ResourceARN":"arn:aws:kinesis:eu-west-1:000000000000:stream/tag-refusals","Tags":{"a":"b"}}""", "ResourceARN arn:aws:kinesis:eu-west-1:000000000000:stream/tag-refusals does not belong to the region us-east-1.")]
    public async Task A_tag_that_may_not_be_is_refused(string operation, string body, string text)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CallAsync("CreateStream", """{"StreamName":"tag-refusals","ShardCount":1}""");
        await http.UntilActiveAsync("tag-refusals");
        (await http.CallAsync(operation, body)).AssertRefused("InvalidArgumentException", text);
    }

    [Fact]
    public async Task Fifty_tags_are_the_most()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("fifty");
        var tags = Enumerable.Range(0, 50).ToDictionary(i => $"key{i}", i => "v");
        (await http.CallAsync("AddTagsToStream", new { StreamName = "fifty", Tags = tags })).Succeeded();
        (await http.CallAsync("AddTagsToStream", """{"StreamName":"fifty","Tags":{"key0":"again"}}""")).Succeeded();
        const string text = "Failed to add tags to stream fifty under account 000000000000 because a given stream cannot have more than 50 tags associated with it.";
        (await http.CallAsync("AddTagsToStream", """{"StreamName":"fifty","Tags":{"aws:one more":""}}""")).AssertRefused("InvalidArgumentException", text);
        tags.Add("one more", "");
        (await http.CallAsync("CreateStream", new { StreamName = "fifty", ShardCount = 1, Tags = tags })).AssertRefused("InvalidArgumentException", text);
    }

    [Theory]
    [InlineData("AddTagsToStream", """{"StreamName":"absent","Tags":{"%":""}}""", "Stream absent under account 000000000000 not found.")]
    [InlineData("ListTagsForStream", """{"StreamName":"absent"}""", "Stream absent under account 000000000000 not found.")]
    [InlineData("ListTagsForResource", """{"ResourceARN":"arn:aws:kinesis:us-east-1:000000000000:stream/absent"}""", "Stream absent under account 000000000000 not found.")]
    [InlineData("UntagResource", """{"ResourceARN":"arn:aws:kinesis:us-east-1:000000000000:channel/absent","TagKeys":["a"]}""", "Resource arn:aws:kinesis:us-east-1:000000000000:channel/absent not found.")]
    public async Task What_is_not_there_has_no_tags(string operation, string body, string text)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync(operation, body)).AssertRefused("ResourceNotFoundException", text);
    }
}
