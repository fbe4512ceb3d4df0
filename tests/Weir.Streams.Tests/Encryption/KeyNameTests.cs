using Weir.Streams.Encryption;

namespace Weir.Streams.Tests.Encryption;

public sealed class KeyNameTests
{
    [Theory]
    [InlineData("alias/aws/kinesis", "alias/aws/kinesis")]
    [InlineData("arn:aws:kms:us-east-1:000000000000:alias/aws/kinesis", "alias/aws/kinesis")]
    [InlineData("12345678-1234-1234-1234-123456789012", "12345678-1234-1234-1234-123456789012")]
    [InlineData("arn:aws:kms:us-east-1:000000000000:key/12345678-1234", "12345678-1234")]
    [InlineData("arn:aws-cn:kms:us-east-1:000000000000:key/12345678-1234", "12345678-1234")]
    [InlineData("alias/orders", "alias/orders")]
    [InlineData("key/orders", "key/orders")]
    public void An_ARN_of_the_stream_s_own_account_and_region_means_what_it_ends_in(string keyId, string name) =>
        Assert.Equal(new KeyName("000000000000", "us-east-1", name), KeyName.Of(EngineFixture.Name("orders"), keyId));

    [Theory]
    [InlineData("arn:aws:kms:us-east-1:111111111111:alias/aws/kinesis")]
    [InlineData("arn:aws:kms:eu-west-1:000000000000:alias/aws/kinesis")]
    [InlineData("arn:aws:s3:us-east-1:000000000000:alias/aws/kinesis")]
    [InlineData("arn:aws:kms:us-east-1:000000000000:bucket/aws")]
    [InlineData("arn:aws:kms:us-east-1:000000000000")]
    [InlineData("arn:")]
    public void Any_other_ARN_is_a_name_of_its_own(string keyId) =>
        Assert.Equal(new KeyName("000000000000", "us-east-1", keyId), KeyName.Of(EngineFixture.Name("orders"), keyId));

    [Fact]
    public void The_same_name_in_another_account_or_region_is_another_key()
    {
        var here = KeyName.Of(EngineFixture.Name("orders"), "alias/aws/kinesis");
        Assert.NotEqual(here, KeyName.Of(EngineFixture.Name("orders") with { Account = "111111111111" }, "alias/aws/kinesis"));
        Assert.NotEqual(here, KeyName.Of(EngineFixture.Name("orders") with { Region = "eu-west-1" }, "alias/aws/kinesis"));
        Assert.Equal(here, KeyName.Of(EngineFixture.Name("returns"), "alias/aws/kinesis"));
    }
}
