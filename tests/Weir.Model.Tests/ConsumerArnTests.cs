namespace Weir.Model.Tests;

public sealed class ConsumerArnTests
{
    [Fact]
    public void An_arn_is_read_as_it_was_written()
    {
        var arn = new ConsumerArn(new StreamName("123456789012", "eu-west-1", "orders"), "reader.1", 1767225600);
        Assert.Equal("arn:aws:kinesis:eu-west-1:123456789012:stream/orders/consumer/reader.1:1767225600", arn.ToString());
        Assert.True(ConsumerArn.TryParse(arn.ToString(), out var parsed));
        Assert.Equal(arn, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("arn:aws:kinesis:eu-west-1:123456789012:stream/orders")]
    [InlineData("arn:aws:kinesis:eu-west-1:123456789012:stream/orders/consumer/reader")]
    [InlineData("arn:aws:kinesis:eu-west-1:123456789012:stream/orders/consumer/:5")]
    [InlineData("arn:aws:kinesis:eu-west-1:123456789012:stream/orders/consumer/reader:-5")]
    [InlineData("arn:aws:kinesis:eu-west-1:123456789012:stream/orders/consumer/reader:99999999999999999999")]
    [InlineData("arn:aws:kinesis:eu-west-1:12:stream/orders/consumer/reader:5")]
    [InlineData("arn:aws:kinesis:eu-west-1:123456789012:channel/orders/consumer/reader:5")]
    public void Anything_else_is_no_arn_of_a_consumer(string text) => Assert.False(ConsumerArn.TryParse(text, out _));
}
