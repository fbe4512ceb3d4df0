using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;
using Weir.Client.Signing;

namespace Weir.Client.Tests.Signing;

/// <summary>The vectors are AWS's own: its Signature Version 4 test suite and the example in its reference.</summary>
public sealed class SigV4SignerTests
{
    private static readonly DateTimeOffset Time = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);
    private static readonly ImmutableCredentials Credentials = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);
    private readonly SigV4Signer _signer = new("us-east-1", "service");

    [Theory]
    [InlineData("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")] // get-vanilla
    [InlineData("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")] // post-vanilla
    [InlineData("GET", "Param1=value1&Param2=value2", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")] // get-vanilla-query-order-key-case
    public void Signs_as_the_test_suite_says(string method, string query, string signature)
    {
        var authorization = _signer.Sign(
            Credentials, Time, method, "/", query, [new("host", "example.amazonaws.com"), new("x-amz-date", "20150830T123600Z")], []);

        Assert.Equal(
            $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}",
            authorization);
    }

    [Fact]
    public void A_body_is_signed_as_the_test_suite_says()
    {
        // post-x-www-form-urlencoded
        var authorization = _signer.Sign(
            Credentials,
            Time,
            "POST",
            "/",
            "",
            [new("content-type", "application/x-www-form-urlencoded"), new("host", "example.amazonaws.com"), new("x-amz-date", "20150830T123600Z")],
            "Param1=value1"u8);

        Assert.EndsWith("Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a", authorization, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("20120215", "us-east-1", "iam")]
    [InlineData("20260301", "eu-west-1", "kinesis")]
    public void The_key_is_the_one_that_the_AWS_SDK_derives(string date, string region, string service)
    {
        var key = SigV4Signer.DeriveKey(Credentials.SecretKey, date, region, service);
        var expected = AWS4Signer.ComposeSigningKey(Credentials.SecretKey, region, date, service);

        Assert.Equal(expected, key);
    }

    [Fact]
    public void The_key_of_the_reference_example_is_derived()
    {
        var key = SigV4Signer.DeriveKey(Credentials.SecretKey, "20120215", "us-east-1", "iam");

        Assert.Equal("f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d", Convert.ToHexStringLower(key));
    }

    [Fact]
    public void The_next_day_signs_with_another_key()
    {
        var today = Sign(Time);
        var tomorrow = Sign(Time.AddDays(1));
        var todayAgain = Sign(Time);

        Assert.NotEqual(today, tomorrow);
        Assert.Equal(today, todayAgain);

        string Sign(DateTimeOffset time) => _signer.Sign(
            Credentials, time, "POST", "/", "", [new("host", "h"), new("x-amz-date", SigV4Signer.FormatTime(time))], Encoding.UTF8.GetBytes("{}"));
    }

    [Theory]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("/kinesis/v1", "/kinesis/v1")]
    [InlineData("/a%20b", "/a%2520b")]
    public void A_path_is_encoded_once_more(string path, string canonical) => Assert.Equal(canonical, SigV4Signer.CanonicalPath(path));
}
