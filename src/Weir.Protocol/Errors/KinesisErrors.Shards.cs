using Weir.Model;

namespace Weir.Protocol;

// ListShards, SplitShard, MergeShards and UpdateShardCount. Spec sections 7.4 and 7.5.
public static partial class KinesisErrors
{
    /// <summary>ListShards with neither a stream nor a token. Spec section 7.4, check 1.</summary>
    public static KinesisError ListShardsOfNothing { get; } = InvalidArgument($"Either NextToken or StreamName should be provided.");

    /// <summary>
    /// ListShards with a token and a member that the token already decides. Spec section 7.4, check 2; recorded for StreamName.
    /// </summary>
    /// <param name="member">For example <c>StreamName</c>.</param>
    public static KinesisError NextTokenNotAlone(string member) =>
        InvalidArgument($"NextToken and {member} cannot be provided together.");

    /// <summary>The page token is too old. Spec section 7.4, check 3; text ours.</summary>
    public static KinesisError NextTokenExpired(DateTimeOffset created, DateTimeOffset now) => new(
        ErrorCodes.ExpiredNextToken,
        Text($"The NextToken expired. It was created at {JavaDate(created)} while right now it is {JavaDate(now)}."));

    /// <summary>A shard filter lacks what its type needs. Spec section 7.4, check 5; text ours.</summary>
    /// <param name="type">For example <c>AT_TIMESTAMP</c>.</param>
    /// <param name="member"><c>Timestamp</c> or <c>ShardId</c>.</param>
    public static KinesisError ShardFilterLacks(string type, string member) =>
        InvalidArgument($"{member} must be provided in ShardFilter when its Type is {type}.");

    /// <summary>A shard filter has what its type does not use. Spec section 7.4, check 5; text ours.</summary>
    /// <param name="type">For example <c>AT_LATEST</c>.</param>
    /// <param name="member"><c>Timestamp</c> or <c>ShardId</c>.</param>
    public static KinesisError ShardFilterHasTooMuch(string type, string member) =>
        InvalidArgument($"{member} cannot be provided in ShardFilter when its Type is {type}.");

    /// <summary>The shard was split or merged before. Spec section 7.5, SplitShard check 5 and MergeShards check 4.</summary>
    public static KinesisError ShardAlreadyClosed(ShardId shard, StreamName stream) => InvalidArgument(
        $"Shard {shard} in stream {stream.Name} under account {stream.Account} has already been merged or split, and thus is not eligible for merging or splitting.");

    /// <summary>The split point leaves a child without room. Spec section 7.5, SplitShard check 7.</summary>
    /// <param name="key">NewStartingHashKey as requested: it may have 39 digits and lie above 2^128.</param>
    /// <param name="shard">The shard to split.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="range">The shard's range.</param>
    public static KinesisError SplitPointOutOfRange(string key, ShardId shard, StreamName stream, HashKeyRange range) => InvalidArgument(
        $"NewStartingHashKey {key} used in SplitShard() on shard {shard} in stream {stream.Name} under account {stream.Account} is not both greater than one plus the shard's StartingHashKey {range.Start} and less than the shard's EndingHashKey {range.End}.");

    /// <summary>
    /// The second shard's range does not begin where the first one's ends. Spec section 7.5, MergeShards check 5.
    /// </summary>
    public static KinesisError ShardsNotAdjacent(ShardId shard, ShardId adjacent, StreamName stream) => InvalidArgument(
        $"Shards {shard} and {adjacent} in stream {stream.Name} under account {stream.Account} are not an adjacent pair of shards eligible for merging");

    /// <summary>The target is more than twice the open shards. Spec section 7.5, UpdateShardCount check 1.</summary>
    public static KinesisError ScalingAboveDouble(int open, int target) => LimitExceeded(
        $"UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: {open} Target shard count: {target}");

    /// <summary>The target is less than half the open shards. Spec section 7.5, UpdateShardCount check 2.</summary>
    public static KinesisError ScalingBelowHalf(int open, int target) => LimitExceeded(
        $"UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: {open} Target shard count: {target}");

    /// <summary>The target is more than any stream is scaled to. Spec section 7.5, UpdateShardCount check 3; text ours.</summary>
    public static KinesisError ScalingAboveMaximum(int open, int target) => LimitExceeded(
        $"UpdateShardCount cannot scale a stream to more than {KinesisLimits.MaxShardsByScaling} shards. Current open shard count: {open} Target shard count: {target}");

    /// <summary>The stream was scaled too often of late. Spec section 7.5, UpdateShardCount check 5; text ours.</summary>
    public static KinesisError ScaledTooOften(StreamName stream) => LimitExceeded(
        $"UpdateShardCount has been called {KinesisLimits.MaxScalingsPerPeriod} times in a rolling 24 hour period for stream {stream.Name} under account {stream.Account}.");
}
