using Weir.Model;

namespace Weir.Protocol;

// Readers by enhanced fan-out. Spec section 7.6.
public static partial class KinesisErrors
{
    /// <summary>The stream has a consumer of this name, in whatever status. Spec section 7.6, RegisterStreamConsumer; text ours.</summary>
    public static KinesisError ConsumerExists(string consumer, StreamName stream) =>
        InUse($"Consumer {consumer} under stream {stream.Name} under account {stream.Account} already exists.");

    /// <summary>The stream has as many consumers as it may. Spec section 7.6, RegisterStreamConsumer; text ours.</summary>
    public static KinesisError TooManyConsumers(StreamName stream, int limit) =>
        LimitExceeded($"Stream {stream.Name} under account {stream.Account} cannot have more than {limit} consumers.");

    /// <summary>Too many consumers of the account are being created. Spec section 7.6, RegisterStreamConsumer; text ours.</summary>
    public static KinesisError TooManyConsumersCreating(string account) => LimitExceeded(
        $"Account {account} cannot have more than {KinesisLimits.MaxConsumersCreating} consumers in CREATING at the same time.");

    /// <summary>There is no such consumer; also when an ARN is of an earlier one of its name. Spec section 7.6, DescribeStreamConsumer.</summary>
    public static KinesisError ConsumerNotFound(string consumer, string account) => NotFound($"Consumer {consumer}, account {account} not found.");

    /// <summary>The consumer comes or goes; the text's spacing is as recorded. Spec section 7.6, SubscribeToShard check 1.</summary>
    public static KinesisError ConsumerNotActive(ConsumerArn consumer) => InUse(
        $"Consumer {consumer.Name} with creation timestamp {consumer.CreatedSeconds} under stream: {consumer.Stream.Name} , account {consumer.Stream.Account} is not in ACTIVE status.");

    /// <summary>The request names a consumer in neither way. Spec section 7.6, DescribeStreamConsumer; text ours.</summary>
    public static KinesisError ConsumerNotNamed { get; } =
        InvalidArgument($"Either ConsumerARN or both StreamARN and ConsumerName must be provided.");

    /// <summary>ConsumerARN and the other members name different consumers. Spec section 7.6, DescribeStreamConsumer; text ours.</summary>
    public static KinesisError ConsumerNamesDisagree(string arn) =>
        InvalidArgument($"ConsumerARN {arn} does not refer to the consumer that StreamARN and ConsumerName refer to.");

    /// <summary>The ConsumerARN's region is not the endpoint's. Spec section 2.7; text ours.</summary>
    public static KinesisError ConsumerArnOfOtherRegion(string arn, string region) =>
        InvalidArgument($"ConsumerARN {arn} does not belong to the region {region}.");
}
