using Weir.Model;

namespace Weir.Producer.Shards;

/// <summary>Which shard a hash key belongs to, as far as is known. Immutable; a new one takes its place after a reshard.</summary>
internal sealed class ShardMap
{
    // Lanes by the first hash key of their ranges.
    private readonly HashKey[] _starts;

    /// <param name="lanes">The lanes of the open shards; at least one.</param>
    /// <param name="askedAt">When the shards were asked for: what was sent before may have met others.</param>
    public ShardMap(IEnumerable<ShardLane> lanes, TimeSpan askedAt)
    {
        Lanes = [.. lanes.OrderBy(lane => lane.Shard?.Range.Start ?? HashKey.Min)];
        _starts = [.. Lanes.Select(lane => lane.Shard?.Range.Start ?? HashKey.Min)];
        AskedAt = askedAt;
    }

    /// <summary>The lanes in the order of their ranges.</summary>
    public IReadOnlyList<ShardLane> Lanes { get; }

    /// <summary>When the shards were asked for.</summary>
    public TimeSpan AskedAt { get; }

    /// <summary>Where a record of that hash key goes.</summary>
    public ShardLane LaneOf(HashKey key)
    {
        var found = Array.BinarySearch(_starts, key);
        // Between two starts it is the lane before; below the first, which a complete map does not have, the first.
        return Lanes[found >= 0 ? found : Math.Max(0, ~found - 1)];
    }
}
