using Weir.Model;

namespace Weir.Protocol;

// Modes, warm throughput and account settings. Spec sections 6.6, 7 and 7.1.
public static partial class KinesisErrors
{
    /// <summary>The operation is for provisioned streams. Spec section 7, "On-demand".</summary>
    public static KinesisError StreamIsOnDemand(StreamName stream) =>
        Invalid($"Request is invalid. Stream {stream.Name} under account {stream.Account} is in On-Demand mode.");

    /// <summary>The operation is for on-demand streams. Spec section 7.1, UpdateStreamWarmThroughput; text ours.</summary>
    public static KinesisError StreamIsProvisioned(StreamName stream) =>
        Invalid($"Request is invalid. Stream {stream.Name} under account {stream.Account} is in Provisioned mode.");

    /// <summary>PROVISIONED without a shard count. Spec section 7.1, CreateStream modes; text ours.</summary>
    public static KinesisError ShardCountMissing { get; } = InvalidArgument($"ShardCount is required when StreamMode=PROVISIONED");

    /// <summary>ON_DEMAND with a shard count. Spec section 7.1, CreateStream modes.</summary>
    public static KinesisError ShardCountNotExpected { get; } = Invalid($"ShardCount is not expected when StreamMode=ON_DEMAND");

    /// <summary>Warm throughput is for on-demand streams. Spec section 7.1, CreateStream check 3; text ours.</summary>
    public static KinesisError WarmThroughputNotExpected { get; } =
        InvalidArgument($"WarmThroughputMiBps is not expected when StreamMode=PROVISIONED");

    /// <summary>
    /// Warm throughput needs the account's billing commitment. Spec section 7.1, CreateStream check 3; text ours.
    /// </summary>
    public static KinesisError WarmThroughputNotCommitted(string account) =>
        InvalidArgument($"WarmThroughputMiBps requires the minimum throughput billing commitment, which account {account} has not enabled.");

    /// <summary>The same as a ValidationException. Spec section 7.1, UpdateStreamWarmThroughput; text ours.</summary>
    public static KinesisError WarmThroughputInvalid(string account) =>
        Invalid($"WarmThroughputMiBps requires the minimum throughput billing commitment, which account {account} has not enabled.");

    /// <summary>More warm throughput than a stream may have. Spec section 7.1, UpdateStreamWarmThroughput; text ours.</summary>
    public static KinesisError WarmThroughputTooHigh(int mibps) => LimitExceeded(
        $"WarmThroughputMiBps cannot be more than {KinesisLimits.MaxWarmThroughputMibps}. Specified value was {mibps}");

    /// <summary>
    /// The record distribution AUTO is for on-demand streams. Spec section 7.1, CreateStream check 3; text ours.
    /// </summary>
    public static KinesisError AutoDistributionNotExpected { get; } =
        InvalidArgument($"RecordDistributionStrategy=AUTO is not expected when StreamMode=PROVISIONED");

    /// <summary>
    /// The account has all the on-demand streams that it may have. Spec section 7.1, CreateStream check 6; text ours.
    /// </summary>
    public static KinesisError OnDemandStreamLimitExceeded(string account, int limit) => LimitExceeded(
        $"This request would exceed the on-demand stream limit for the account {account}. Limit: {limit}.");

    /// <summary>The mode has changed too often. Spec section 7.1, UpdateStreamMode; text ours.</summary>
    public static KinesisError ModeChangedTooOften(StreamName stream) => LimitExceeded(
        $"UpdateStreamMode can be called at most {KinesisLimits.MaxModeChangesPerPeriod} times in a rolling 24 hour period for stream {stream.Name} under account {stream.Account}.");

    /// <summary>A commitment cannot end while streams have warm throughput. Spec section 7.1, UpdateAccountSettings; text ours.</summary>
    public static KinesisError CommitmentInUse(string account) => Invalid(
        $"The minimum throughput billing commitment of account {account} cannot be disabled while streams have warm throughput.");
}
