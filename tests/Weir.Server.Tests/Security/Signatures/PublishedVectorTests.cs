using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Weir.Server.Security.Signatures;

namespace Weir.Server.Tests.Security.Signatures;

/// <summary>
/// AWS publishes requests with their signatures: the Signature Version 4 test suite, all made with one example key, at one time, for a
/// service called "service". What computes them here is what verifies requests.
/// </summary>
public sealed class PublishedVectorTests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private const string Scope = "20150830/us-east-1/service/aws4_request";
    private const string Time = "20150830T123600Z";

    private const string Vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

    private const string SecurityToken =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    [Theory]
    [InlineData("get-vanilla", "GET", "/", Vanilla)]
    [InlineData("get-relative", "GET", "/example/..", Vanilla)]
    [InlineData("get-relative-relative", "GET", "/example1/example2/../..", Vanilla)]
    [InlineData("get-slash", "GET", "//", Vanilla)]
    [InlineData("get-slash-dot-slash", "GET", "/./", Vanilla)]
    [InlineData("get-slash-pointless-dot", "GET", "/./example", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5")]
    [InlineData("get-slashes", "GET", "//example//", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84")]
    [InlineData("get-space", "GET", "/example space/", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")]
    [InlineData("get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f")]
    [InlineData("get-utf8", "GET", "/\u1234", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("get-vanilla-empty-query-key", "GET", "/?Param1=value1", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb")]
    [InlineData("get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("get-vanilla-query-order-value", "GET", "/?Param1=value2&Param1=value1", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694")]
    [InlineData("get-vanilla-query-unreserved", "GET", "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197")]
    [InlineData("get-vanilla-utf8-query", "GET", "/?\u1234=bar", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04")]
    [InlineData("post-vanilla", "POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("post-vanilla-query", "POST", "/?Param1=value1", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")]
    public void Targets_are_signed_as_published(string name, string method, string target, string signature) =>
        AssertSigned(name, method, target, [], "", signature);

    [Fact]
    public void Several_values_of_a_header_are_signed_in_their_order() => AssertSigned(
        "get-header-value-order", "GET", "/", [("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"), ("My-Header1", "value2")], "",
        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01");

    [Fact]
    public void A_repeated_header_is_signed_with_all_its_values() => AssertSigned(
        "get-header-key-duplicate", "GET", "/", [("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")], "",
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");

    [Fact]
    public void Space_around_a_value_and_runs_inside_it_do_not_count() => AssertSigned(
        "get-header-value-trim", "GET", "/", [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")], "",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");

    [Fact]
    public void The_case_of_a_value_counts() => AssertSigned(
        "post-header-value-case", "POST", "/", [("My-Header1", "VALUE1")], "", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d");

    [Fact]
    public void The_case_of_a_name_does_not() => AssertSigned(
        "post-header-key-sort", "POST", "/", [("MY-HEADER1", "value1")], "", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c");

    [Fact]
    public void A_session_token_is_a_header_like_others() => AssertSigned(
        "post-sts-header-before", "POST", "/", [("X-Amz-Security-Token", SecurityToken)], "",
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead");

    [Fact]
    public void A_body_is_signed() => AssertSigned(
        "post-x-www-form-urlencoded", "POST", "/", [("Content-Type", "application/x-www-form-urlencoded")], "Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");

    [Fact]
    public void The_signing_key_is_derived_as_published() => Assert.Equal(
        "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d",
        Convert.ToHexStringLower(SigningKey.Derive(Secret, "20120215", "us-east-1", "iam").Bytes));

    [Theory]
    [InlineData("", "/")]
    [InlineData("/a/", "/a/")]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/a%20b", "/a%2520b")]
    [InlineData("/../a", "/a")]
    [InlineData("/a/./b/../c/.", "/a/c/")]
    public void A_path_loses_its_dots_and_is_encoded_once_more(string path, string canonical) => Assert.Equal(canonical, CanonicalPath.Of(path));

    [Theory]
    [InlineData("", "")]
    [InlineData("b=2&a=1", "a=1&b=2")]
    [InlineData("a", "a=")]
    [InlineData("a=&&b", "a=&b=")]
    [InlineData("a=x%2fy", "a=x%2Fy")]
    [InlineData("a=1+1", "a=1%2B1")]
    [InlineData("a=%zz", "a=%25zz")]
    [InlineData("a=b=c", "a=b%3Dc")]
    [InlineData("X-Amz-Signature=00&a=1", "a=1")]
    public void A_query_is_decoded_sorted_and_encoded_anew(string query, string canonical) =>
        Assert.Equal(canonical, QueryParameters.Parse(query).Canonical("X-Amz-Signature"));

    [Theory]
    [InlineData("/?a=b", "/", "a=b")]
    [InlineData("/", "/", "")]
    [InlineData("http://host/x?a=b?c", "/x", "a=b?c")]
    [InlineData("http://host", "", "")]
    [InlineData("http://host?a", "", "a")]
    [InlineData("/http://host", "/http://host", "")]
    [InlineData("*", "*", "")]
    public void A_raw_target_is_path_and_query(string raw, string path, string query)
    {
        var target = RawTarget.Parse(raw);

        Assert.Equal(path, target.Path);
        Assert.Equal(query, target.Query);
    }

    private static void AssertSigned(string name, string method, string target, (string Name, string Value)[] headers, string body, string signature)
    {
        var all = new HeaderDictionary { ["Host"] = "example.amazonaws.com", ["X-Amz-Date"] = Time };
        foreach (var (header, value) in headers)
            all.Append(header, value);
        var raw = RawTarget.Parse(target);
        var signed = SignedHeaders.Parse(string.Join(';', all.Keys));
        var text = new CanonicalText();
        CanonicalRequest.Write(
            ref text, method, CanonicalPath.Of(raw.Path), QueryParameters.Parse(raw.Query).Canonical(null), all, signed, SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        var bytes = new byte[SignatureVerifier.SignatureCharacters];
        SigningKey.Derive(Secret, "20150830", "us-east-1", "service").Sign(text, Time, Scope, bytes);
        text.Dispose();

        Assert.Equal((name, signature), (name, Encoding.ASCII.GetString(bytes)));
    }
}
