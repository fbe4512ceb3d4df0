using Microsoft.AspNetCore.Http;
using Weir.Server.Http;

namespace Weir.Server.Tests.Http;

public sealed class CredentialScopeTests
{
    [Theory]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=0", "eu-west-1")]
    [InlineData("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0, Credential=AKID/20260101/ap-south-2/kinesis/aws4_request", "ap-south-2")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKID/20260101/us-gov-west-1/kinesis/aws4_request,SignedHeaders=host,Signature=0", "us-gov-west-1")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKID/20260101/mars_north/kinesis/aws4_request", "mars_north")]
    public void The_region_is_the_third_part_of_the_credential(string authorization, string region) =>
        Assert.Equal(region, OfHeader(authorization));

    [Theory]
    [InlineData("")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("AWS4-HMAC-SHA256 Credential=")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKID/20260101/kinesis/aws4_request")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKID/20260101//kinesis/aws4_request")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/kinesis/aws4_request/more")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/kinesis/aws4_request/more/and/more/still")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKID/20260101/eu:west/kinesis/aws4_request")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKID/20260101/region-that-is-far-too-long-to-be-one-of-the-regions-that-aws-has-ever-had/kinesis/aws4_request")]
    public void What_names_no_region_means_the_default(string authorization) =>
        Assert.Equal(CredentialScope.DefaultRegion, OfHeader(authorization));

    [Theory]
    [InlineData("?X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fkinesis%2Faws4_request", "eu-west-1")]
    [InlineData("?X-Amz-Credential=AKID", CredentialScope.DefaultRegion)]
    [InlineData("?other=1", CredentialScope.DefaultRegion)]
    public void A_signature_in_the_query_counts_too(string query, string region)
    {
        var http = new DefaultHttpContext();
        http.Request.QueryString = new QueryString(query);
        Assert.Equal(region, CredentialScope.RegionOf(http.Request));
    }

    [Fact]
    public void The_header_wins_over_the_query()
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/kinesis/aws4_request";
        http.Request.QueryString = new QueryString("?X-Amz-Credential=AKID%2F20260101%2Fap-south-2%2Fkinesis%2Faws4_request");
        Assert.Equal("eu-west-1", CredentialScope.RegionOf(http.Request));
    }

    private static string OfHeader(string authorization)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = authorization;
        return CredentialScope.RegionOf(http.Request);
    }
}
