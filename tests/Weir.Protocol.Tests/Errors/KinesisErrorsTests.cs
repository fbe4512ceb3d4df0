using System.Buffers;
using System.Reflection;
using System.Text;
using Weir.Model;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Errors;

// The texts once more, as the specification has them: a change of either is a conversation.
public sealed class KinesisErrorsTests
{
    private static readonly StreamName Stream = new("123456789012", "us-east-1", "orders");
    private static readonly ShardId Shard = new(5);
    private static readonly DateTimeOffset Early = new(2015, 1, 22, 1, 22, 2, TimeSpan.Zero);
    private static readonly DateTimeOffset Late = new(2015, 2, 3, 14, 5, 6, 789, TimeSpan.Zero);

    public static TheoryData<string, KinesisError, string> Texts => new()
    {
        { "ResourceNotFoundException", KinesisErrors.StreamNotFound(Stream), "Stream orders under account 123456789012 not found." },
        { "ResourceInUseException", KinesisErrors.StreamNotActive(Stream, "UPDATING"), "Stream orders under account 123456789012 not ACTIVE, instead in state UPDATING" },
        { "ValidationException", KinesisErrors.StreamIsOnDemand(Stream), "Request is invalid. Stream orders under account 123456789012 is in On-Demand mode." },
        { "ValidationException", KinesisErrors.StreamIsProvisioned(Stream), "Request is invalid. Stream orders under account 123456789012 is in Provisioned mode." },
        {
            "LimitExceededException", KinesisErrors.ModeChangedTooOften(Stream),
            "UpdateStreamMode can be called at most 2 times in a rolling 24 hour period for stream orders under account 123456789012."
        },
        { "ResourceInUseException", KinesisErrors.StreamExists(Stream), "Stream orders under account 123456789012 already exists." },
        { "InvalidArgumentException", KinesisErrors.StreamNotNamed, "Either StreamARN or StreamName must be provided." },
        { "InvalidArgumentException", KinesisErrors.StreamNamesDisagree("arn", "orders"), "StreamARN arn and StreamName orders do not refer to the same stream." },
        { "InvalidArgumentException", KinesisErrors.ShardCountMissing, "ShardCount is required when StreamMode=PROVISIONED" },
        { "ValidationException", KinesisErrors.ShardCountNotExpected, "ShardCount is not expected when StreamMode=ON_DEMAND" },
        { "LimitExceededException", KinesisErrors.TooManyStreamsCreating, "This request would have exceed the limit on the number of streams that can simultaneously be in CREATING or DELETING. Limit: 5" },
        {
            "LimitExceededException", KinesisErrors.ShardLimitExceeded(Stream, 10, 20, 11),
            "This request would exceed the shard limit for the account 123456789012 in us-east-1. Current shard count for the account: 10. Limit: 20. Number of additional shards that would have resulted from this request: 11. "
            + "Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits."
        },
        {
            "ResourceInUseException", KinesisErrors.StreamHasConsumers(Stream),
            "DeleteStream can't delete 123456789012:orders because there are consumers associated with this data stream. To delete orders anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the consumers that are associated with it."
        },
        { "ProvisionedThroughputExceededException", KinesisErrors.ShardRateExceeded(Stream, Shard), "Rate exceeded for shard shardId-000000000005 in stream orders under account 123456789012." },
        { "LimitExceededException", KinesisErrors.StreamRateExceeded(Stream), "Rate exceeded for stream orders under account 123456789012." },
        { "LimitExceededException", KinesisErrors.RateExceeded, "Rate exceeded." },
        { "ResourceNotFoundException", KinesisErrors.ShardNotFound("some-shard", Stream), "Could not find shard some-shard in stream orders under account 123456789012." },
        { "ResourceNotFoundException", KinesisErrors.ShardNotFoundForRead(Shard, Stream), "Shard shardId-000000000005 in stream orders under account 123456789012 does not exist" },
        {
            "InvalidArgumentException", KinesisErrors.IteratorTypeContradictsNumber("LATEST", withSequenceNumber: true),
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified LATEST and also a StartingSequenceNumber."
        },
        {
            "InvalidArgumentException", KinesisErrors.IteratorTypeContradictsNumber("AT_SEQUENCE_NUMBER", withSequenceNumber: false),
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified AT_SEQUENCE_NUMBER and no StartingSequenceNumber."
        },
        { "InvalidArgumentException", KinesisErrors.StartingSequenceNumberInvalid("5", Shard, Stream), "StartingSequenceNumber 5 used in GetShardIterator on shard shardId-000000000005 in stream orders under account 123456789012 is invalid." },
        { "InvalidArgumentException", KinesisErrors.StartingSequenceNumberOfOtherShard(new ShardId(1), Shard), "Invalid StartingSequenceNumber. It encodes shardId-000000000001, while it was used in a call to a shard with shardId-000000000005" },
        { "InvalidArgumentException", KinesisErrors.StartingSequenceNumberOfOtherStream("5", Shard, Stream), "StartingSequenceNumber 5 used in GetShardIterator on shard shardId-000000000005 in stream orders under account 123456789012 is invalid because it did not come from this stream." },
        { "InvalidArgumentException", KinesisErrors.TimestampMissing, "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter." },
        { "InvalidArgumentException", KinesisErrors.TimestampInFuture(Late, Early), "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: 1422972306789, currentTimestampInMillis: 1421889722000" },
        { "InvalidArgumentException", KinesisErrors.InvalidShardIterator, "Invalid ShardIterator." },
        {
            "ExpiredIteratorException", KinesisErrors.IteratorExpired(Early, Late),
            "Iterator expired. The iterator was created at time Thu Jan 22 01:22:02 UTC 2015 while right now it is Tue Feb 03 14:05:06 UTC 2015 which is further in the future than the tolerated delay of 300000 milliseconds."
        },
        { "DryRunOperationException", KinesisErrors.DryRun, "Request would have succeeded, but DryRun flag is set." },
        { "InvalidArgumentException", KinesisErrors.ExplicitHashKeyOutOfRange("999"), "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 999" },
        { "InvalidArgumentException", KinesisErrors.SequenceNumberForOrderingInvalid("7", Stream), "ExclusiveMinimumSequenceNumber 7 used in PutRecord on stream orders under account 123456789012 is invalid." },
        { "InvalidArgumentException", KinesisErrors.RecordsTooLarge, "Records size exceeds 10 MB limit" },
        { "InternalFailure", KinesisErrors.InternalFailureOfEntry, "Internal service failure." },
        { "InvalidArgumentException", KinesisErrors.ListShardsOfNothing, "Either NextToken or StreamName should be provided." },
        { "InvalidArgumentException", KinesisErrors.NextTokenNotAlone("StreamName"), "NextToken and StreamName cannot be provided together." },
        { "InvalidArgumentException", KinesisErrors.InvalidNextToken, "NextToken is invalid." },
        { "ExpiredNextTokenException", KinesisErrors.NextTokenExpired(Early, Late), "The NextToken expired. It was created at Thu Jan 22 01:22:02 UTC 2015 while right now it is Tue Feb 03 14:05:06 UTC 2015." },
        { "InvalidArgumentException", KinesisErrors.ShardAlreadyClosed(Shard, Stream), "Shard shardId-000000000005 in stream orders under account 123456789012 has already been merged or split, and thus is not eligible for merging or splitting." },
        {
            "InvalidArgumentException", KinesisErrors.SplitPointOutOfRange("3", Shard, Stream, new HashKeyRange(new HashKey(2), new HashKey(9))),
            "NewStartingHashKey 3 used in SplitShard() on shard shardId-000000000005 in stream orders under account 123456789012 is not both greater than one plus the shard's StartingHashKey 2 and less than the shard's EndingHashKey 9."
        },
        { "InvalidArgumentException", KinesisErrors.ShardsNotAdjacent(Shard, new ShardId(6), Stream), "Shards shardId-000000000005 and shardId-000000000006 in stream orders under account 123456789012 are not an adjacent pair of shards eligible for merging" },
        { "LimitExceededException", KinesisErrors.ScalingAboveDouble(2, 5), "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 2 Target shard count: 5" },
        { "LimitExceededException", KinesisErrors.ScalingBelowHalf(5, 2), "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: 5 Target shard count: 2" },
        { "LimitExceededException", KinesisErrors.ScaledTooOften(Stream), "UpdateShardCount has been called 10 times in a rolling 24 hour period for stream orders under account 123456789012." },
        { "InvalidArgumentException", KinesisErrors.TagCharactersInvalid, "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @." },
        { "InvalidArgumentException", KinesisErrors.TagsToAddIllegal(Stream), "Failed to add tags to stream orders under account 123456789012 because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'." },
        { "InvalidArgumentException", KinesisErrors.TagsToRemoveIllegal(Stream), "Failed to remove tags from stream orders under account 123456789012 because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'." },
        { "InvalidArgumentException", KinesisErrors.TooManyTags(Stream), "Failed to add tags to stream orders under account 123456789012 because a given stream cannot have more than 50 tags associated with it." },
        { "InvalidArgumentException", KinesisErrors.RetentionTooShort(23), "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short." },
        { "InvalidArgumentException", KinesisErrors.RetentionTooLong(8761), "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long." },
        { "InvalidArgumentException", KinesisErrors.RetentionIncreaseIsShorter(24, 48, Stream), "Requested retention period (24 hours) for stream orders can not be shorter than existing retention period (48 hours). Use DecreaseRetentionPeriod API." },
        { "InvalidArgumentException", KinesisErrors.RetentionDecreaseIsLonger(48, 24, Stream), "Requested retention period (48 hours) for stream orders can not be longer than existing retention period (24 hours). Use IncreaseRetentionPeriod API." },
    };

    [Theory]
    [MemberData(nameof(Texts), DisableDiscoveryEnumeration = true)]
    public void The_text_is_the_specification_s(string code, KinesisError error, string text)
    {
        Assert.Equal(code, error.Code);
        Assert.Equal(text, error.Message);
        Assert.Equal(error == KinesisErrors.InternalFailureOfEntry ? 500 : 400, error.Status);
        Assert.False(error.MessageIsCapital);
    }

    [Fact]
    public void Errors_without_a_text_have_no_text_member()
    {
        Assert.Equal("""{"__type":"SerializationException"}""", Written(KinesisErrors.NotParsable));
        Assert.Equal("""{"__type":"UnknownOperationException"}""", Written(KinesisErrors.UnknownOperation));
        Assert.Equal("""{"__type":"InternalFailure"}""", Written(KinesisErrors.InternalFailure));
        Assert.Equal(500, KinesisErrors.InternalFailure.Status);
    }

    [Fact]
    public void Type_and_text_are_written() =>
        Assert.Equal("""{"__type":"LimitExceededException","message":"Rate exceeded."}""", Written(KinesisErrors.RateExceeded));

    [Theory]
    [InlineData("""{"__type":"ResourceNotFoundException","message":"gone"}""", "ResourceNotFoundException", "gone", false)]
    [InlineData("""{"__type":"com.amazonaws.kinesis.v20131202#ResourceNotFoundException:http://x","Message":"gone"}""", "ResourceNotFoundException", "gone", true)]
    [InlineData("""{"__type":"SerializationException"}""", "SerializationException", null, false)]
    [InlineData("""{"__type":7}""", "UnknownError", null, false)]
    [InlineData("""{}""", "UnknownError", null, false)]
    public void A_client_reads_every_form_of_an_error(string body, string code, string? text, bool capital)
    {
        Assert.True(JsonWireReader.TryRead(Encoding.UTF8.GetBytes(body), out var map));
        Assert.Equal(new KinesisError(code, text, 400, capital), KinesisError.Read(400, map));
    }

    [Fact]
    public void Every_code_is_an_error_of_the_model_or_a_common_one()
    {
        // Spec section 2.10: errors that no operation lists and every one can give.
        string[] common =
        [
            "ExpiredTokenException", "IncompleteSignatureException", "InternalFailure", "InvalidSignatureException", "MissingAuthenticationTokenException",
            "SerializationException", "UnknownOperationException", "UnrecognizedClientException",
        ];
        foreach (var field in typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var code = (string)field.GetRawConstantValue()!;
            Assert.True(common.Contains(code) || Protocol.ServiceModel.Kinesis.Shapes[code].IsException, code);
        }
    }

    private static string Written(KinesisError error)
    {
        var output = new ArrayBufferWriter<byte>();
        error.Write(new JsonWireWriter(output));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
