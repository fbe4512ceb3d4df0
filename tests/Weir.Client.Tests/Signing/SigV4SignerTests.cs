using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;
using Weir.Client.Signing;

namespace Weir.Client.Tests.Signing;

/// <summary>
/// The vectors are AWS's own: its Signature Version 4 test suite (aws-sig-v4-test-suite, whose names of cases stand beside), and the examples in the
/// AWS General Reference, "Signature Version 4 signing process".
/// </summary>
public sealed class SigV4SignerTests
{
    private static readonly DateTimeOffset Time = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);
    private static readonly ImmutableCredentials Credentials = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);
    private readonly SigV4Signer _signer = new("us-east-1", "service");

    [Theory]
    [InlineData("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")] // get-vanilla
    [InlineData("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")] // post-vanilla
    [InlineData("POST", "Param1=value1", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")] // post-vanilla-query
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

    [Fact]
    public void A_content_type_with_parameters_is_signed_as_the_test_suite_says() => Assert.EndsWith(
        // post-x-www-form-urlencoded-parameters
        "Signature=1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
        _signer.Sign(
            Credentials,
            Time,
            "POST",
            "/",
            "",
            [new("content-type", "application/x-www-form-urlencoded; charset=utf8"), new("host", "example.amazonaws.com"), new("x-amz-date", "20150830T123600Z")],
            "Param1=value1"u8),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("my-header1", "value1", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")] // post-header-key-sort
    [InlineData("my-header1", "VALUE1", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d")] // post-header-value-case
    public void Another_header_is_signed_as_the_test_suite_says(string name, string value, string signature) => Assert.Equal(
        $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;my-header1;x-amz-date, Signature={signature}",
        _signer.Sign(
            Credentials, Time, "POST", "/", "", [new("host", "example.amazonaws.com"), new(name, value), new("x-amz-date", "20150830T123600Z")], []));

    [Fact]
    public void A_session_token_is_signed_as_the_test_suite_says()
    {
        // post-sts-header-before
        const string token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQ"
            + "rmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yj"
            + "c8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
        var authorization = _signer.Sign(
            new ImmutableCredentials(Credentials.AccessKey, Credentials.SecretKey, token),
            Time,
            "POST",
            "/",
            "",
            [new("host", "example.amazonaws.com"), new("x-amz-date", "20150830T123600Z"), new("x-amz-security-token", token)],
            []);

        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, "
            + "Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
            authorization);
    }

    [Fact]
    public void The_request_of_the_reference_example_is_signed()
    {
        // IAM's ListUsers.
        var authorization = new SigV4Signer("us-east-1", "iam").Sign(
            Credentials,
            Time,
            "GET",
            "/",
            "Action=ListUsers&Version=2010-05-08",
            [new("content-type", "application/x-www-form-urlencoded; charset=utf-8"), new("host", "iam.amazonaws.com"), new("x-amz-date", "20150830T123600Z")],
            []);

        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
            + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            authorization);
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

    [Theory]
    [InlineData("20120215", "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d")]
    [InlineData("20150830", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")]
    public void The_keys_of_the_reference_examples_are_derived(string date, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(SigV4Signer.DeriveKey(Credentials.SecretKey, date, "us-east-1", "iam")));

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
