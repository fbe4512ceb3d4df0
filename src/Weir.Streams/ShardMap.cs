using System.Diagnostics;
using Weir.Model;

namespace Weir.Streams;

/// <summary>All shards of a stream at one moment, and the way from a hash key to the open shard that owns it. Immutable.</summary>
public sealed class ShardMap
{
    /// <summary>The map of a stream that is still being created.</summary>
    public static readonly ShardMap Empty = new([]);

    // In order of id. Ids are dense but for expired shards, so a search starts at its place when nothing has expired.
    private readonly Shard[] _byId;

    // In order of range. Invariant: covers the hash key space exactly once, unless the map is empty.
    private readonly Shard[] _open;

    /// <summary>Makes a map.</summary>
    /// <param name="shards">In any order. The open ones cover the hash key space exactly once.</param>
    public ShardMap(IEnumerable<Shard> shards)
    {
        _byId = [.. shards.OrderBy(shard => shard.Id)];
        _open = [.. _byId.Where(shard => shard.IsOpen).OrderBy(shard => shard.HashKeys.Start)];
        AssertInvariants();
    }

    private ShardMap(Shard[] byId, Shard[] open)
    {
        (_byId, _open) = (byId, open);
        AssertInvariants();
    }

    /// <summary>Every shard that has not expired, in order of id.</summary>
    public IReadOnlyList<Shard> All => _byId;

    /// <summary>The open shards in order of hash key range.</summary>
    public IReadOnlyList<Shard> Open => _open;

    /// <summary>The shard with this id, or null.</summary>
    public Shard? Find(ShardId id)
    {
        var at = IndexOf(id);
        return at >= 0 ? _byId[at] : null;
    }

    /// <summary>Position in <see cref="All"/> of the first shard with an id above <paramref name="id"/>.</summary>
    public int IndexAfter(ShardId id)
    {
        var at = IndexOf(id);
        return at >= 0 ? at + 1 : ~at;
    }

    /// <summary>The open shard that owns the hash key. A binary search; nothing is allocated.</summary>
    public Shard Route(HashKey key) => _open[IndexOfOpen(key)];

    /// <summary>The shards that continue a closed one: two after a split, one after a merge.</summary>
    /// <remarks>A walk over the ids after the parent's: asked for once by each reader that comes to a shard's end.</remarks>
    public IReadOnlyList<Shard> ChildrenOf(ShardId parent)
    {
        var at = IndexAfter(parent);
        while (at < _byId.Length && !IsChild(_byId[at]))
            at++;
        // They were made at the same time, so their ids follow each other.
        var end = at;
        while (end < _byId.Length && IsChild(_byId[end]))
            end++;
        return _byId[at..end];

        bool IsChild(Shard shard) => shard.Parent == parent || shard.AdjacentParent == parent;
    }

    /// <summary>The map after one split or merge.</summary>
    /// <param name="closed">One open shard, or two neighbours in order of range, as they are now that they are closed.</param>
    /// <param name="opened">What takes over their range, in order of range, with ids above all others.</param>
    /// <remarks>Two copies of arrays, whatever the number of shards: a scaling makes thousands of these steps.</remarks>
    public ShardMap Replace(IReadOnlyList<Shard> closed, IReadOnlyList<Shard> opened)
    {
        Shard[] byId = [.. _byId, .. opened];
        foreach (var shard in closed)
            byId[IndexOf(shard.Id)] = shard;
        var at = IndexOfOpen(closed[0].HashKeys.Start);
        return new ShardMap(byId, [.. _open.AsSpan(0, at), .. opened, .. _open.AsSpan(at + closed.Count)]);
    }

    /// <summary>The map without the shards that have expired.</summary>
    public ShardMap Without(IReadOnlySet<ShardId> expired) => new(_byId.Where(shard => !expired.Contains(shard.Id)));

    // Of the open shard that owns the key.
    private int IndexOfOpen(HashKey key)
    {
        int low = 0, high = _open.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            if (_open[middle].HashKeys.Start <= key)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    private int IndexOf(ShardId id)
    {
        int low = 0, high = _byId.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var order = _byId[middle].Id.CompareTo(id);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    // Invariant 5 of docs/architecture.md. Checked in Release too: a hole would lose records, an overlap would reorder them.
    private void AssertInvariants()
    {
        if (_open.Length == 0)
            return;
        var covers = _open[0].HashKeys.Start == HashKey.Min && _open[^1].HashKeys.End == HashKey.Max;
        for (var i = 0; i + 1 < _open.Length; i++)
            covers &= _open[i].HashKeys.IsFollowedBy(_open[i + 1].HashKeys);
        if (!covers)
            throw new UnreachableException("The open shards do not cover the hash key space exactly once.");
    }
}
