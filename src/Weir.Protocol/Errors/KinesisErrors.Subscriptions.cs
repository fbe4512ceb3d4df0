using Weir.Model;

namespace Weir.Protocol;

// SubscribeToShard, before its event stream and in it. Spec section 7.6.
public static partial class KinesisErrors
{
    /// <summary>
    /// A call comes too soon after the last accepted one, or a later one has taken over. Spec section 7.6, SubscribeToShard check 4.
    /// </summary>
    public static KinesisError AnotherSubscriptionActive(ConsumerArn consumer, ShardId shard) => InUse(
        $"Another active subscription exists for this consumer: {consumer.Stream.Account}:{consumer.Stream.Name}:{shard}:{consumer.Name}");

    /// <summary>More than one call in a second. Spec section 7.6, SubscribeToShard check 5; text ours.</summary>
    public static KinesisError SubscribeRateExceeded(ConsumerArn consumer, ShardId shard) =>
        LimitExceeded($"Rate exceeded for consumer {consumer} and shard {shard}.");

    /// <summary>A fault of the server inside an event stream, where it has the name of the model's shape. Text ours.</summary>
    public static KinesisError SubscriptionFailed { get; } = new(
        ErrorCodes.InternalFailureException, "The subscription has ended because of an internal failure of the server.", Status: 500);
}
