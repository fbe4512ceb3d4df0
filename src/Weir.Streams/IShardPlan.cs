using Weir.Streams.Catalog;

namespace Weir.Streams;

/// <summary>The way from any open shards to a wanted number of them, one split or merge at a time.</summary>
/// <remarks>A step follows from the open shards alone, so after a crash the layout says what is left.</remarks>
public interface IShardPlan
{
    /// <summary>The next split or merge, or null when the open shards are what is wanted.</summary>
    /// <param name="open">The open shards in order of hash key range.</param>
    ReshardRow? Next(IReadOnlyList<Shard> open);

    /// <summary>The most shards that are open at once on the way.</summary>
    /// <param name="open">The open shards in order of hash key range.</param>
    int Peak(IReadOnlyList<Shard> open);
}
