using System.Runtime.InteropServices;
using Weir.Streams;

namespace Weir.Server.Metrics;

/// <summary>Adds up the records of one put by shard, so that each shard is measured once and not once a record.</summary>
/// <remarks>One for each thread, used between two awaits only: nothing is allocated once it has grown to the shards of a usual put.</remarks>
internal sealed class ShardTally
{
    [ThreadStatic]
    private static ShardTally? _ofThread;

    private readonly Dictionary<Shard, Sum> _sums = new(ReferenceEqualityComparer.Instance);

    /// <summary>The thread's, empty.</summary>
    public static ShardTally Take() => _ofThread ??= new ShardTally();

    /// <summary>The sums.</summary>
    public Dictionary<Shard, Sum> Sums => _sums;

    public void Accepted(Shard shard, int bytes)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_sums, shard, out _);
        sum.Records++;
        sum.Bytes += bytes;
    }

    public void Throttled(Shard shard) => CollectionsMarshal.GetValueRefOrAddDefault(_sums, shard, out _).Throttled++;

    /// <summary>To be empty for the next; also lets go of shards of streams that are deleted.</summary>
    public void Clear() => _sums.Clear();

    /// <summary>What became of a shard's records.</summary>
    public struct Sum
    {
        public long Records;
        public long Bytes;
        public long Throttled;
    }
}
