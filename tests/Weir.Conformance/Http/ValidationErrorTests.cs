using System.Globalization;
using System.Text.Json;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>
/// Missing and out-of-range members, end to end: the count, the order, the printed values and the constraint texts. The
/// protocol project tests every constraint of the model; these are a sample through the whole server.
/// </summary>
public sealed class ValidationErrorTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const string NamePattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";
    private const string IteratorTypes = "[AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]";

    [Theory]
    [InlineData("GetRecords", "{}", "Value null at 'shardIterator' failed to satisfy constraint: Member must not be null")]
    [InlineData("GetRecords", """{"ShardIterator":"x","Limit":0}""", "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1")]
    [InlineData("GetRecords", """{"ShardIterator":"x","Limit":10001}""", "Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000")]
    [InlineData("GetRecords", """{"ShardIterator":"x","Limit":100000000000}""", "Value '2147483647' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000")]
    [InlineData("GetRecords", """{"ShardIterator":""}""", "Value '' at 'shardIterator' failed to satisfy constraint: Member must have length greater than or equal to 1")]
    [InlineData("DescribeStream", """{"StreamName":"a b"}""", "Value 'a b' at 'streamName' failed to satisfy constraint: " + NamePattern)]
    [InlineData("DescribeStream", """{"StreamName":"\u00e9"}""", "Value '\u00e9' at 'streamName' failed to satisfy constraint: " + NamePattern)]
    [InlineData("GetShardIterator", """{"StreamName":"a","ShardId":"0","ShardIteratorType":"OLDEST"}""", "Value 'OLDEST' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: " + IteratorTypes)]
    [InlineData("PutRecords", """{"StreamName":"a"}""", "Value null at 'records' failed to satisfy constraint: Member must not be null")]
    [InlineData("PutRecords", """{"StreamName":"a","Records":[]}""", "Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1")]
    [InlineData("PutRecords", """{"StreamName":"a","Records":[{"PartitionKey":"k"}]}""", "Value null at 'records.1.member.data' failed to satisfy constraint: Member must not be null")]
    [InlineData("PutRecord", """{"StreamName":"a","Data":"","PartitionKey":"k","ExplicitHashKey":"01"}""", @"Value '01' at 'explicitHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})")]
    [InlineData("SplitShard", """{"StreamName":"a","ShardToSplit":"shardId-0"}""", "Value null at 'newStartingHashKey' failed to satisfy constraint: Member must not be null")]
    public async Task One_thing_wrong_is_one_error(string operation, string body, string error)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync(operation, body)).AssertRefused("ValidationException", "1 validation error detected: " + error);
    }

    [Fact]
    public async Task Several_things_wrong_are_told_together_in_the_services_order()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync("CreateStream", """{"StreamName":"","ShardCount":0}""")).AssertRefused(
            "ValidationException",
            "3 validation errors detected: Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1; "
            + $"Value '' at 'streamName' failed to satisfy constraint: {NamePattern}; "
            + "Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1");
    }

    [Fact]
    public async Task Ten_errors_are_told_and_no_more()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var records = Enumerable.Range(0, 12).Select(_ => new { PartitionKey = "" }).ToArray();
        var message = (await http.CallAsync("PutRecords", new { StreamName = "a", Records = records })).AssertRefusedAs("ValidationException");
        Assert.StartsWith("10 validation errors detected: ", message, StringComparison.Ordinal);
        Assert.Equal(10, message.Split("; ").Length);
    }

    [Fact]
    public async Task A_key_of_256_characters_is_the_longest()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var message = (await http.CallAsync("PutRecord", new { StreamName = "a", Data = "", PartitionKey = new string('k', 257) }))
            .AssertRefusedAs("ValidationException");
        Assert.EndsWith("at 'partitionKey' failed to satisfy constraint: Member must have length less than or equal to 256", message, StringComparison.Ordinal);
        (await http.CallAsync("PutRecord", new { StreamName = "a", Data = "", PartitionKey = new string('k', 256) }))
            .AssertRefused("ResourceNotFoundException", "Stream a under account 000000000000 not found.");
    }

    [Fact]
    public async Task Five_hundred_records_are_the_most()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var records = Enumerable.Range(0, 501).Select(i => new { Data = "", PartitionKey = i.ToString(CultureInfo.InvariantCulture) });
        var message = (await http.CallAsync("PutRecords", JsonSerializer.Serialize(new { StreamName = "a", Records = records })))
            .AssertRefusedAs("ValidationException");
        Assert.EndsWith("at 'records' failed to satisfy constraint: Member must have length less than or equal to 500", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_over_the_streams_limit_fails_the_whole_request()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("record-limit");
        var large = new byte[1024 * 1024 + 1];
        (await http.CallAsync("PutRecord", new { StreamName = "record-limit", PartitionKey = "k", Data = large })).AssertRefused(
            "ValidationException",
            "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576");
        object[] records = [new { PartitionKey = "k", Data = Array.Empty<byte>() }, new { PartitionKey = "k", Data = large }];
        (await http.CallAsync("PutRecords", new { StreamName = "record-limit", Records = records })).AssertRefused(
            "ValidationException",
            "1 validation error detected: Value at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to 1048576");
        Assert.Empty(await http.ReadAllAsync("record-limit"));
    }
}
