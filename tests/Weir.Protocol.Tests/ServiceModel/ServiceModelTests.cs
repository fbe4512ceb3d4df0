namespace Weir.Protocol.Tests;

public sealed class ServiceModelTests
{
    [Fact]
    public void Operation_types_are_those_of_the_specification()
    {
        var byType = Protocol.ServiceModel.Kinesis.Operations.Values.ToLookup(operation => operation.Type, operation => operation.Name);
        Assert.Equal(
            ["GetRecords", "GetShardIterator", "PutRecord", "PutRecords", "SubscribeToShard"],
            byType[OperationType.Data].Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                "CreateChannel", "CreateStream", "DeleteChannel", "DescribeAccountSettings", "DescribeChannel", "DescribeLimits",
                "ListChannels", "ListStreams", "UpdateAccountSettings", "UpdateChannel",
            ],
            byType[OperationType.None].Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Members_keep_the_order_of_declaration() => Assert.Equal(
        ["StreamName", "Data", "PartitionKey", "ExplicitHashKey", "SequenceNumberForOrdering", "StreamARN", "StreamId", "DryRun"],
        KinesisOperation.PutRecord.Shape.Input.Members.Select(member => member.Name));

    [Fact]
    public void Paths_begin_in_lower_case() =>
        Assert.Equal("streamARN", KinesisOperation.PutRecord.Shape.Input.Members.Single(member => member.Name == "StreamARN").Path);

    [Fact]
    public void Operations_without_output_have_none()
    {
        Assert.Null(KinesisOperation.CreateStream.Shape.Output);
        Assert.Equal("PutRecordOutput", KinesisOperation.PutRecord.Shape.Output!.Name);
    }

    [Fact]
    public void Every_pattern_of_the_model_can_be_matched()
    {
        foreach (var shape in Protocol.ServiceModel.Kinesis.Shapes.Values.Where(shape => shape.Pattern is not null))
            Assert.False(shape.Pattern!.IsMatch("\u2028 no value: of any kind"), shape.Name);
    }

    [Theory]
    [InlineData("HashKey", "0", true)]
    [InlineData("HashKey", "01", false)]
    [InlineData("HashKey", "999999999999999999999999999999999999999", true)]
    [InlineData("HashKey", "1000000000000000000000000000000000000000", false)]
    [InlineData("HashKey", "", false)]
    [InlineData("StreamName", "a.b_c-D9", true)]
    [InlineData("StreamName", "", false)]
    [InlineData("StreamName", "\u00E4", false)]
    [InlineData("StreamId", "abcdefghij0123456789-a1b", true)]
    [InlineData("StreamId", "abcdefghij0123456789-A1b", false)]
    [InlineData("ConsumerARN", "arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1600000000", true)]
    [InlineData("ConsumerARN", "arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c", false)]
    [InlineData("LogStreamName", "a:b", false)]
    [InlineData("LogStreamName", "a\nb", true)]
    [InlineData("S3BucketARN", "arn:aws:s3:::my.bucket-1", true)]
    [InlineData("S3BucketARN", "arn:aws:s3:::UP", false)]
    [InlineData("OutputKeyTemplate", "a/{b}=(c)*'!.x:-_", true)]
    public void Patterns_match_what_they_say(string shape, string value, bool matches) =>
        Assert.Equal(matches, Protocol.ServiceModel.Kinesis.Shapes[shape].Pattern!.IsMatch(value));
}
