using System.Text;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>Channels are not there: every operation on them is examined as on AWS and then refused with a sentence that says so.</summary>
public sealed class ChannelTests
{
    private const string ChannelArn = "arn:aws:kinesis:us-east-1:000000000000:channel/orders-to-s3";

    private static readonly object Creation = new
    {
        ChannelName = "orders-to-s3",
        ServiceExecutionRoleARN = "arn:aws:iam::000000000000:role/delivery",
        StreamConfigurationList = new[] { new { StreamARN = Arn("orders"), RecordConfiguration = new { RecordFormatType = "JSON" } } },
    };

    public static TheoryData<string, object> Requests => new()
    {
        { "CreateChannel", Creation },
        { "DescribeChannel", new { ChannelARN = ChannelArn } },
        { "UpdateChannel", new { ChannelARN = ChannelArn } },
        { "DeleteChannel", new { ChannelARN = ChannelArn } },
        { "ListChannels", new { } },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_right_request_is_told_that_channels_are_not_supported(string operation, object request)
    {
        await using var server = await StartAsync();
        (await server.CallAsync(operation, request)).AssertRefused("ValidationException", "Channels are not supported by this server.");
    }

    [Fact]
    public async Task A_request_that_is_wrong_by_its_types_or_by_the_model_is_told_that_first()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("CreateChannel", new { })).AssertInvalid(
            "Value null at 'channelName' failed to satisfy constraint: Member must not be null",
            "Value null at 'serviceExecutionRoleARN' failed to satisfy constraint: Member must not be null",
            "Value null at 'streamConfigurationList' failed to satisfy constraint: Member must not be null");
        var wrongType = await server.CallAsync("DescribeChannel", new { ChannelARN = 1 });
        Assert.StartsWith("""{"__type":"SerializationException",""", Encoding.UTF8.GetString(wrongType.Body), StringComparison.Ordinal);
        var notOfAChannel = await server.CallAsync("DeleteChannel", new { ChannelARN = Arn("orders") });
        Assert.Contains("at 'channelARN' failed to satisfy constraint: Member must satisfy regular expression pattern", notOfAChannel.Text, StringComparison.Ordinal);
        var zero = await server.CallAsync("ListChannels", new { MaxResults = 0 });
        Assert.Contains("at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1", zero.Text, StringComparison.Ordinal);
    }
}
