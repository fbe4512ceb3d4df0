using System.Text;
using Weir.Model;
using Weir.Protocol.Validation;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Validation;

// The formats and orders of spec section 3.2.
public sealed class ConstraintCheckTests
{
    private const string NamePattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";
    private const string ArnPattern = @"Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:stream/\S+";

    [Fact]
    public void One_failure_is_told_in_the_singular() => AssertFails(
        "CreateStream", "{}", "1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null");

    [Fact]
    public void Several_failures_of_a_member_come_in_the_order_pattern_minimum_maximum()
    {
        AssertFails(
            "DescribeStream",
            """{"StreamName":""}""",
            $"2 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: {NamePattern}; "
            + "Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1");
        var name = new string(';', 129);
        AssertFails(
            "DescribeStream",
            $$"""{"StreamName":"{{name}}"}""",
            $"2 validation errors detected: Value '{name}' at 'streamName' failed to satisfy constraint: {NamePattern}; "
            + $"Value '{name}' at 'streamName' failed to satisfy constraint: Member must have length less than or equal to 128");
    }

    [Theory]
    [InlineData("0", "0", "greater than or equal to 1")]
    [InlineData("-5.5", "-6", "greater than or equal to 1")]
    [InlineData("10001", "10001", "less than or equal to 10000")]
    [InlineData("100000000000", "2147483647", "less than or equal to 10000")]
    public void Numbers_are_floored_and_clamped_before_they_are_judged_and_printed(string json, string printed, string bound) => AssertFails(
        "GetRecords",
        $$"""{"ShardIterator":"x","Limit":{{json}}}""",
        $"1 validation error detected: Value '{printed}' at 'limit' failed to satisfy constraint: Member must have value {bound}");

    [Fact]
    public void Iterator_types_print_in_production_s_order() => AssertFails(
        "GetShardIterator",
        """{"StreamName":"s","ShardId":"0","ShardIteratorType":"HORIZON"}""",
        "1 validation error detected: Value 'HORIZON' at 'shardIteratorType' failed to satisfy constraint: "
        + "Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]");

    [Fact]
    public void Other_enums_print_in_the_model_s_order() => AssertFails(
        "StartStreamEncryption",
        """{"StreamName":"s","EncryptionType":"ROT13","KeyId":"k"}""",
        "1 validation error detected: Value 'ROT13' at 'encryptionType' failed to satisfy constraint: Member must satisfy enum value set: [NONE, KMS]");

    [Fact]
    public void Members_of_structures_have_dotted_paths() => AssertFails(
        "CreateStream",
        """{"StreamName":"s","StreamModeDetails":{}}""",
        "1 validation error detected: Value null at 'streamModeDetails.streamMode' failed to satisfy constraint: Member must not be null");

    [Fact]
    public void List_elements_are_counted_from_one_and_null_ones_lack_their_members() => AssertFails(
        "PutRecords",
        """{"StreamName":"s","Records":[{"Data":""},{"PartitionKey":""},null]}""",
        "3 validation errors detected: "
        + "Value '' at 'records.2.member.partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1; "
        + "Value null at 'records.2.member.data' failed to satisfy constraint: Member must not be null; "
        + "Value null at 'records.3.member.data' failed to satisfy constraint: Member must not be null");

    [Fact]
    public void Entries_are_judged_by_partition_key_then_hash_key_then_data() => AssertFails(
        "PutRecords",
        """{"Records":[{"ExplicitHashKey":"01","PartitionKey":""}]}""",
        "3 validation errors detected: "
        + "Value '' at 'records.1.member.partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1; "
        + @"Value '01' at 'records.1.member.explicitHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,38}); "
        + "Value null at 'records.1.member.data' failed to satisfy constraint: Member must not be null");

    [Fact]
    public void A_blob_s_value_is_left_out()
    {
        var tooMuch = Convert.ToBase64String(new byte[(10 * 1024 * 1024) + 1]);
        AssertFails(
            "PutRecord",
            $$"""{"PartitionKey":"k","StreamName":"s","Data":"{{tooMuch}}"}""",
            "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to 10485760");
    }

    [Fact]
    public void Lists_of_structures_print_as_classes_with_hash_codes()
    {
        Assert.Matches(
            @"^1 validation error detected: Value '\[(com\.amazonaws\.kinesis\.v20131202\.PutRecordsRequestEntry@[0-9a-f]{8}(, )?){501}\]' at 'records' "
            + "failed to satisfy constraint: Member must have length less than or equal to 500$",
            Fails("PutRecords", "{\"Records\":[" + string.Join(',', Enumerable.Repeat("{\"Data\":\"\"}", 501)) + "]}"));
        AssertFails(
            "PutRecords",
            """{"Records":[]}""",
            "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1");
    }

    [Fact]
    public void List_elements_share_one_text() => AssertFails(
        "RemoveTagsFromStream",
        """{"StreamName":"s","TagKeys":["a","","b"]}""",
        "1 validation error detected: Value '[a, , b]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: "
        + "[Member must have length less than or equal to 128, Member must have length greater than or equal to 1]");

    [Fact]
    public void Map_keys_and_values_have_texts_of_their_own()
    {
        var key = new string('k', 129);
        var value = new string('v', 257);
        AssertFails(
            "AddTagsToStream",
            $$$"""{"StreamName":"s","Tags":{"{{{key}}}":"{{{value}}}","a":"b"}}""",
            $"2 validation errors detected: Value '{{{key}={value}, a=b}}' at 'tags' failed to satisfy constraint: "
            + "Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]; "
            + $"Value '{{{key}={value}, a=b}}' at 'tags' failed to satisfy constraint: "
            + "Map value must satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than or equal to 0]");
        AssertFails(
            "AddTagsToStream",
            """{"StreamName":"s","Tags":{}}""",
            "1 validation error detected: Value '{}' at 'tags' failed to satisfy constraint: Member must have length greater than or equal to 1");
    }

    [Fact]
    public void Elements_of_a_list_of_enums_are_judged_together() => Assert.StartsWith(
        "1 validation error detected: Value '[IncomingBytes, Nothing]' at 'shardLevelMetrics' failed to satisfy constraint: "
        + "Member must satisfy constraint: [Member must satisfy enum value set: [IncomingBytes, ",
        Fails("EnableEnhancedMonitoring", """{"StreamName":"s","ShardLevelMetrics":["IncomingBytes","Nothing"]}"""),
        StringComparison.Ordinal);

    [Fact]
    public void At_most_ten_failures_are_told_and_counted()
    {
        var message = Fails("PutRecords", "{\"Records\":[" + string.Join(',', Enumerable.Repeat("{}", 12)) + "]}");
        Assert.StartsWith("10 validation errors detected: ", message, StringComparison.Ordinal);
        Assert.Equal(10, message.Split("; ").Length);
        Assert.EndsWith("'records.10.member.data' failed to satisfy constraint: Member must not be null", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Patterns_hold_for_the_whole_value()
    {
        Assert.Contains(ArnPattern, Fails("DescribeStream", """{"StreamARN":"x arn:aws:kinesis:us-east-1:000000000000:stream/s"}"""), StringComparison.Ordinal);
        Assert.Contains(ArnPattern, Fails("DescribeStream", """{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s\n"}"""), StringComparison.Ordinal);
        Assert.Contains(NamePattern, Fails("DescribeStream", """{"StreamName":"s\n"}"""), StringComparison.Ordinal);
        Assert.Null(Check("DescribeStream", """{"StreamARN":"arn:aws-cn:kinesis:cn-north-1:000000000000:stream/s"}"""));
    }

    [Fact]
    public void Patterns_speak_Java_s_dialect()
    {
        // An Arabic digit is no \d, and a no-break space is no white space, in Java.
        Assert.Contains(ArnPattern, Fails("DescribeStream", """{"StreamARN":"arn:aws:kinesis:us-east-1:00000000000٠:stream/s"}"""), StringComparison.Ordinal);
        Assert.Null(Check("DescribeStream", """{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s\u00a0"}"""));
        // A dot stops at every line end.
        Assert.Contains(ArnPattern, Fails("DescribeStream", """{"StreamARN":"arn:aws:kinesis:us\u2028east:000000000000:stream/s"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Megabytes_of_a_hostile_value_are_judged_in_linear_time_and_printed_in_part()
    {
        var message = Fails("DescribeStream", "{\"StreamARN\":\"arn:aws" + string.Concat(Enumerable.Repeat(":kinesis:", 500_000)) + "\"}");
        Assert.StartsWith("2 validation errors detected: Value 'arn:aws:kinesis::kinesis:", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 64 * 1024, 140 * 1024);
    }

    [Fact]
    public void Lengths_count_UTF16_units()
    {
        static string Body(string key) => $$"""{"StreamName":"s","Data":"","PartitionKey":"{{key}}"}""";
        Assert.Null(Check("PutRecord", Body(string.Concat(Enumerable.Repeat("\U0001F600", 128)))));
        Assert.EndsWith(
            "at 'partitionKey' failed to satisfy constraint: Member must have length less than or equal to 256",
            Fails("PutRecord", Body(string.Concat(Enumerable.Repeat("\U0001F600", 128)) + "k")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_partition_key_is_not_required_by_the_model() => Assert.Null(Check("PutRecord", """{"StreamName":"s","Data":""}"""));

    // The orders that were recorded on production, with StreamARN and StreamId after StreamName.
    [Theory]
    [InlineData("AddTagsToStream", "tags, streamName, streamARN, streamId")]
    [InlineData("CreateStream", "shardCount, streamName, streamModeDetails, tags, warmThroughputMiBps, maxRecordSizeInKiB, recordDistributionStrategy")]
    [InlineData("DecreaseStreamRetentionPeriod", "retentionPeriodHours, streamName, streamARN, streamId")]
    [InlineData("IncreaseStreamRetentionPeriod", "retentionPeriodHours, streamName, streamARN, streamId")]
    [InlineData("DeleteStream", "streamName, streamARN, streamId, enforceConsumerDeletion")]
    [InlineData("DescribeStreamSummary", "streamName, streamARN, streamId")]
    [InlineData("DescribeStream", "limit, exclusiveStartShardId, streamName, streamARN, streamId")]
    [InlineData("GetRecords", "limit, shardIterator, streamARN, streamId, dryRun")]
    [InlineData("GetShardIterator", "shardId, shardIteratorType, startingSequenceNumber, streamName, streamARN, streamId, timestamp, dryRun")]
    [InlineData("ListShards", "maxResults, exclusiveStartShardId, streamName, streamARN, streamId, nextToken, streamCreationTimestamp, shardFilter")]
    [InlineData("ListStreams", "limit, exclusiveStartStreamName, nextToken")]
    [InlineData("ListTagsForStream", "limit, exclusiveStartTagKey, streamName, streamARN, streamId")]
    [InlineData("MergeShards", "shardToMerge, adjacentShardToMerge, streamName, streamARN, streamId")]
    [InlineData("PutRecord", "sequenceNumberForOrdering, partitionKey, explicitHashKey, data, streamName, streamARN, streamId, dryRun")]
    [InlineData("PutRecords", "records, streamName, streamARN, streamId, dryRun")]
    [InlineData("RemoveTagsFromStream", "tagKeys, streamName, streamARN, streamId")]
    [InlineData("SplitShard", "newStartingHashKey, streamName, streamARN, streamId, shardToSplit")]
    [InlineData("UpdateShardCount", "streamName, targetShardCount, scalingType, streamARN, streamId")]
    public void Members_are_judged_in_the_recorded_order(string operation, string order) =>
        Assert.Equal(order, string.Join(", ", MemberOrder.Of(ServiceModel.Kinesis.Operations[operation].Input).Select(member => member.Path)));

    [Fact]
    public void An_empty_PutRecord_names_its_required_members_in_order() => AssertFails(
        "PutRecord",
        """{"StreamName":"","SequenceNumberForOrdering":"x"}""",
        @"4 validation errors detected: Value 'x' at 'sequenceNumberForOrdering' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,128}); "
        + "Value null at 'data' failed to satisfy constraint: Member must not be null; "
        + $"Value '' at 'streamName' failed to satisfy constraint: {NamePattern}; "
        + "Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1");

    [Fact]
    public void Every_operation_can_be_checked_with_an_empty_input()
    {
        foreach (var operation in KinesisOperation.All)
        {
            var required = operation.Shape.Input.Members.Count(member => member.IsRequired);
            var error = RequestValidation.Check(operation.Shape, WireValue.EmptyMap);
            Assert.Equal(required > 0, error is not null);
            if (error is not null)
                Assert.StartsWith($"{required} validation error", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_operation_s_own_texts_have_the_same_form()
    {
        AssertSameForm("PutRecord", "{}", "data", KinesisErrors.PartitionKeyMissing(entry: null).Message!, "partitionKey");
        Assert.Equal(
            "1 validation error detected: Value null at 'records.3.member.partitionKey' failed to satisfy constraint: Member must not be null",
            KinesisErrors.PartitionKeyMissing(entry: 2).Message);
        Assert.Equal(
            "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576",
            KinesisErrors.RecordTooLarge(entry: null, KinesisLimits.DefaultMaxRecordBytes).Message);
        Assert.Equal(
            "1 validation error detected: Value at 'records.1.member.data' failed to satisfy constraint: Member must have length less than or equal to 1048576",
            KinesisErrors.RecordTooLarge(entry: 0, KinesisLimits.DefaultMaxRecordBytes).Message);

        static void AssertSameForm(string operation, string body, string member, string own, string ownMember) =>
            Assert.Equal(Fails(operation, body).Replace($"'{member}'", $"'{ownMember}'", StringComparison.Ordinal), own);
    }

    private static void AssertFails(string operation, string body, string message) => Assert.Equal(message, Fails(operation, body));

    private static string Fails(string operation, string body)
    {
        var error = Check(operation, body);
        Assert.NotNull(error);
        Assert.Equal("ValidationException", error.Code);
        Assert.Equal(400, error.Status);
        Assert.False(error.MessageIsCapital);
        return error.Message!;
    }

    private static KinesisError? Check(string operation, string body)
    {
        Assert.True(JsonWireReader.TryRead(Encoding.UTF8.GetBytes(body), out var value));
        return RequestValidation.Check(ServiceModel.Kinesis.Operations[operation], value);
    }
}
