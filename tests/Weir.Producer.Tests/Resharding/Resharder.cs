using Weir.Model;
using Weir.Protocol.Messages;
using HashKeyRange = Weir.Model.HashKeyRange;

namespace Weir.Producer.Tests.Resharding;

/// <summary>Splits and merges the shards of a real stream, by seed. One reshard at a time.</summary>
internal sealed class Resharder(LocalServer server, string stream, Random random)
{
    private const int FewestShards = 2, MostShards = 8;

    /// <summary>How many shards were split, and how many pairs merged.</summary>
    public (int Splits, int Merges) Done { get; private set; }

    /// <summary>Splits a shard, or merges two, and ends when the stream is active again.</summary>
    public async Task ReshardAsync(CancellationToken cancellationToken)
    {
        var open = (await server.ShardsAsync(stream)).Where(shard => shard.SequenceNumberRange!.EndingSequenceNumber is null)
            .Select(shard => (Id: shard.ShardId!, Range: RangeOf(shard))).OrderBy(shard => shard.Range.Start).ToList();
        if (open.Count <= FewestShards || (open.Count < MostShards && random.Next(2) == 0))
        {
            var (id, range) = open[random.Next(open.Count)];
            // Somewhere in the middle half.
            var quarter = (range.End.Value - range.Start.Value) / 4;
            var at = new HashKey(range.Start.Value + quarter + (quarter / 1000 * (UInt128)random.Next(2000)));
            await server.Client.SplitShardAsync(
                new SplitShardRequest { StreamName = stream, ShardToSplit = id, NewStartingHashKey = at.ToString() }, cancellationToken);
            Done = (Done.Splits + 1, Done.Merges);
        }
        else
        {
            var left = random.Next(open.Count - 1);
            await server.Client.MergeShardsAsync(
                new MergeShardsRequest { StreamName = stream, ShardToMerge = open[left].Id, AdjacentShardToMerge = open[left + 1].Id }, cancellationToken);
            Done = (Done.Splits, Done.Merges + 1);
        }

        await server.ActiveAsync(stream);
    }

    private static HashKeyRange RangeOf(Shard shard)
    {
        Assert.True(HashKey.TryParse(shard.HashKeyRange!.StartingHashKey, out var start));
        Assert.True(HashKey.TryParse(shard.HashKeyRange.EndingHashKey, out var end));
        return new HashKeyRange(start, end);
    }
}
