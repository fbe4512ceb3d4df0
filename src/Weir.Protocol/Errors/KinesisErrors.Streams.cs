using Weir.Model;

namespace Weir.Protocol;

// Addressing a stream, creating and deleting it. Spec sections 2.7, 7 and 7.1.
public static partial class KinesisErrors
{
    /// <summary>Neither StreamName nor StreamARN is given. Spec section 2.7; text ours.</summary>
    public static KinesisError StreamNotNamed { get; } =
        InvalidArgument($"Either StreamARN or StreamName must be provided.");

    /// <summary>StreamName and StreamARN disagree. Spec section 2.7; text ours.</summary>
    public static KinesisError StreamNamesDisagree(string streamArn, string streamName) =>
        InvalidArgument($"StreamARN {streamArn} and StreamName {streamName} do not refer to the same stream.");

    /// <summary>The StreamARN's region is not the endpoint's. Spec section 2.7; text ours.</summary>
    public static KinesisError StreamArnOfOtherRegion(string streamArn, string region) =>
        InvalidArgument($"StreamARN {streamArn} does not belong to the region {region}.");

    /// <summary>
    /// No such stream. Spec section 7, "Not found". GetShardIterator and GetRecords answer <see cref="ShardNotFoundForRead"/>
    /// instead.
    /// </summary>
    public static KinesisError StreamNotFound(StreamName stream) =>
        NotFound($"Stream {stream.Name} under account {stream.Account} not found.");

    /// <summary>The operation wants an ACTIVE stream. Spec section 7, "Not ACTIVE".</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="status">The state it is in, for example <c>UPDATING</c>.</param>
    public static KinesisError StreamNotActive(StreamName stream, string status) =>
        InUse($"Stream {stream.Name} under account {stream.Account} not ACTIVE, instead in state {status}");

    /// <summary>A stream of that name exists, in any state. Spec section 7.1, CreateStream check 2.</summary>
    public static KinesisError StreamExists(StreamName stream) =>
        InUse($"Stream {stream.Name} under account {stream.Account} already exists.");

    /// <summary>Too many streams are being created or deleted. Spec section 7.1, CreateStream check 4.</summary>
    public static KinesisError TooManyStreamsCreating { get; } = LimitExceeded(
        $"This request would have exceed the limit on the number of streams that can simultaneously be in CREATING or DELETING. Limit: {KinesisLimits.MaxStreamsCreating}");

    /// <summary>
    /// The account would have too many shards. Spec section 7.1, CreateStream check 5; SplitShard check 6 with one more.
    /// </summary>
    /// <param name="stream">Names the account and the region.</param>
    /// <param name="present">Shards that the account has.</param>
    /// <param name="limit">Shards that it may have.</param>
    /// <param name="additional">Shards that the request would have added.</param>
    public static KinesisError ShardLimitExceeded(StreamName stream, int present, int limit, int additional) => LimitExceeded(
        $"This request would exceed the shard limit for the account {stream.Account} in {stream.Region}. Current shard count for the account: {present}. Limit: {limit}. Number of additional shards that would have resulted from this request: {additional}. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.");

    /// <summary>The stream has consumers, and EnforceConsumerDeletion is not true. Spec section 7.1, DeleteStream.</summary>
    public static KinesisError StreamHasConsumers(StreamName stream) => InUse(
        $"DeleteStream can't delete {stream.Account}:{stream.Name} because there are consumers associated with this data stream. To delete {stream.Name} anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the consumers that are associated with it.");

    /// <summary>The page token is none of ours. Spec section 7.1, ListStreams; also ListShards, 7.4 check 3. Text ours.</summary>
    public static KinesisError InvalidNextToken { get; } = InvalidArgument($"NextToken is invalid.");
}
