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
}
