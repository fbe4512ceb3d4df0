using Weir.Model;

namespace Weir.Streams.Listing;

/// <summary>Which shards ListShards shows (spec section 5.7).</summary>
public enum ShardFilterKind
{
    /// <summary>Every shard that has not expired.</summary>
    FromTrimHorizon = 1,

    /// <summary>Those that were open at the trim horizon.</summary>
    AtTrimHorizon,

    /// <summary>The open ones.</summary>
    AtLatest,

    /// <summary>Those that were open at a time.</summary>
    AtTimestamp,

    /// <summary>Those that are open or closed after a time.</summary>
    FromTimestamp,

    /// <summary>Those with an id after another.</summary>
    AfterShardId,
}

/// <summary>A filter with its argument.</summary>
/// <param name="Kind">Which shards.</param>
/// <param name="Timestamp">For the timestamp kinds.</param>
/// <param name="After">For <see cref="ShardFilterKind.AfterShardId"/>.</param>
public readonly record struct ShardFilter(ShardFilterKind Kind, DateTimeOffset Timestamp = default, ShardId? After = null)
{
    /// <summary>Whether the filter shows a shard.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="horizon">Now less the retention; the stream's creation for a younger stream.</param>
    /// <remarks>
    /// A shard covers the half-open time [opened, closed), and its children open at the very moment at which it closes. So the shards at any
    /// time cover the hash key space exactly once, which the KCL insists on.
    /// </remarks>
    public bool Shows(Shard shard, DateTimeOffset horizon)
    {
        if (shard.ClosedAt < horizon)
            return false;
        return Kind switch
        {
            ShardFilterKind.AtTrimHorizon => CoversTime(shard, horizon),
            ShardFilterKind.AtLatest => shard.IsOpen,
            // Below the horizon nothing can be read, so the shards at the horizon are those that a reader from there wants; the ones
            // that were open then may have expired and would leave holes.
            ShardFilterKind.AtTimestamp => CoversTime(shard, Timestamp > horizon ? Timestamp : horizon),
            ShardFilterKind.FromTimestamp => shard.IsOpen || shard.ClosedAt >= Timestamp,
            ShardFilterKind.AfterShardId => After is not { } after || shard.Id.CompareTo(after) > 0,
            _ => true,
        };
    }

    private static bool CoversTime(Shard shard, DateTimeOffset time) =>
        shard.OpenedAt <= time && (shard.ClosedAt is not { } closed || closed > time);
}
