namespace Weir.Protocol.Tests;

public sealed class KinesisOperationTests
{
    [Fact]
    public void Every_operation_is_found_by_its_target()
    {
        Assert.Equal(45, KinesisOperation.All.Count);
        foreach (var operation in KinesisOperation.All)
        {
            Assert.Equal($"Kinesis_20131202.{operation.Name}", operation.Target);
            Assert.True(KinesisOperation.TryParseTarget(operation.Target, out var found));
            Assert.Same(operation, found);
            Assert.Equal(operation.Name, operation.Shape.Name);
        }
    }

    [Fact]
    public void What_follows_a_second_dot_is_ignored()
    {
        Assert.True(KinesisOperation.TryParseTarget("Kinesis_20131202.PutRecord.more.and.more", out var operation));
        Assert.Same(KinesisOperation.PutRecord, operation);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("PutRecord")]
    [InlineData("Kinesis_20131202")]
    [InlineData("Kinesis_20131202.")]
    [InlineData("Kinesis_20131202.putrecord")]
    [InlineData("kinesis_20131202.PutRecord")]
    [InlineData("DynamoDB_20120810.PutRecord")]
    [InlineData("Kinesis_20131202 .PutRecord")]
    public void Other_targets_are_unknown(string target) => Assert.False(KinesisOperation.TryParseTarget(target, out _));
}
