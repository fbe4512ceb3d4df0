using Weir.Model;

namespace Weir.Protocol;

// Throttling. Spec sections 6.1 to 6.3.
public static partial class KinesisErrors
{
    /// <summary>
    /// The shard takes or gives no more at present. Spec section 6.1; the same text for reads, 6.2, and for the entries of
    /// PutRecords.
    /// </summary>
    public static KinesisError ShardRateExceeded(StreamName stream, ShardId shard) => new(
        ErrorCodes.ProvisionedThroughputExceeded,
        Text($"Rate exceeded for shard {shard} in stream {stream.Name} under account {stream.Account}."));

    /// <summary>A control-plane operation on a stream is called too often. Spec section 6.3.</summary>
    public static KinesisError StreamRateExceeded(StreamName stream) =>
        LimitExceeded($"Rate exceeded for stream {stream.Name} under account {stream.Account}.");

    /// <summary>A control-plane operation without a stream is called too often. Spec section 6.3; text ours.</summary>
    public static KinesisError RateExceeded { get; } = LimitExceeded($"Rate exceeded.");
}
