using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>A member of the wrong JSON kind is refused with the service's own words. One row for each pair of kinds.</summary>
public sealed class TypeErrorTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const string Number = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber";

    [Theory]
    [InlineData("ListShards", """{"StreamName":true}""", "class java.lang.Boolean can not be converted to an String")]
    [InlineData("ListShards", """{"StreamName":1}""", Number + " can not be converted to an String")]
    [InlineData("ListShards", """{"StreamName":1.5}""", Number + " can not be converted to an String")]
    [InlineData("ListShards", """{"StreamName":[]}""", "Start of list found where not expected")]
    [InlineData("ListShards", """{"StreamName":{}}""", "Start of structure or map found where not expected.")]
    [InlineData("ListShards", """{"MaxResults":true}""", "class java.lang.Boolean can not be converted to an Integer")]
    [InlineData("ListShards", """{"MaxResults":"1"}""", "class java.lang.String can not be converted to an Integer")]
    [InlineData("ListShards", """{"MaxResults":[]}""", "Start of list found where not expected")]
    [InlineData("ListShards", """{"StreamCreationTimestamp":true}""", "class java.lang.Boolean can not be converted to milliseconds since epoch")]
    [InlineData("ListShards", """{"StreamCreationTimestamp":"x"}""", "class java.lang.String can not be converted to milliseconds since epoch")]
    [InlineData("ListShards", """{"ShardFilter":"x"}""", "Expected null")]
    [InlineData("ListShards", """{"ShardFilter":[]}""", "Start of list found where not expected")]
    [InlineData("DeleteStream", """{"EnforceConsumerDeletion":1}""", Number + " can not be converted to an Boolean")]
    [InlineData("DeleteStream", """{"EnforceConsumerDeletion":"maybe"}""", "'MAYBE' can not be converted to an Boolean")]
    [InlineData("PutRecord", """{"Data":true}""", "class java.lang.Boolean can not be converted to a Blob")]
    [InlineData("PutRecord", """{"Data":1}""", Number + " can not be converted to a Blob")]
    [InlineData("PutRecord", """{"Data":[]}""", "Start of list found where not expected")]
    [InlineData("PutRecord", """{"Data":"abc"}""", "'abc' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 3")]
    [InlineData("PutRecord", """{"Data":"a*cd"}""", "'a*cd' can not be converted to a Blob: Invalid Base64 character: '*'")]
    [InlineData("PutRecord", """{"Data":"=bcd"}""", "'=bcd' can not be converted to a Blob: Invalid Base64 character: '='")]
    [InlineData("PutRecord", """{"Data":"+/=="}""", "'+/==' can not be converted to a Blob: Invalid last non-pad Base64 character dectected")]
    [InlineData("PutRecords", """{"Records":"x"}""", "Expected list or null")]
    [InlineData("PutRecords", """{"Records":1}""", "Expected list or null")]
    [InlineData("PutRecords", """{"Records":{}}""", "Start of structure or map found where not expected.")]
    [InlineData("PutRecords", """{"Records":["x"]}""", "Expected null")]
    [InlineData("PutRecords", """{"Records":[{"PartitionKey":true}]}""", "class java.lang.Boolean can not be converted to an String")]
    [InlineData("AddTagsToStream", """{"Tags":"x"}""", "Expected map or null")]
    [InlineData("AddTagsToStream", """{"Tags":[]}""", "Start of list found where not expected")]
    [InlineData("AddTagsToStream", """{"Tags":{"k":1}}""", Number + " can not be converted to an String")]
    public async Task A_wrong_kind_is_refused(string operation, string body, string text)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync(operation, body)).AssertRefused("SerializationException", text, "Message");
    }

    [Theory]
    [InlineData("""{"StreamName":"types","Limit":10.0}""")]
    [InlineData("""{"StreamName":"types","Limit":1e1}""")]
    [InlineData("""{"StreamName":"types","Limit":null,"Unknown":{"deep":[1,2,{}]}}""")]
    public async Task Lenient_forms_are_taken(string body)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync("DescribeStream", body))
            .AssertRefused("ResourceNotFoundException", "Stream types under account 000000000000 not found.");
    }
}
