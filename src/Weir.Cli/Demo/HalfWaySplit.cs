using Weir.Client;
using Weir.Model;
using Weir.Protocol.Messages;

namespace Weir.Cli.Demo;

/// <summary>What the split did.</summary>
/// <param name="Parent">The shard that was split.</param>
/// <param name="Children">The two that go on.</param>
/// <param name="NewStartingHashKey">Where the second one begins.</param>
/// <param name="AcknowledgedBefore">Records of all shards that were acknowledged when the split was asked for.</param>
/// <param name="At">When that was, since the replay began.</param>
/// <param name="Took">Until the stream was active again.</param>
internal sealed record SplitFacts(
    string Parent, IReadOnlyList<string> Children, string NewStartingHashKey, int AcknowledgedBefore, TimeSpan At, TimeSpan Took);

/// <summary>Splits the busiest shard once half of the trace is acknowledged, while the replay goes on: where half of its load lies on each side.</summary>
internal sealed class HalfWaySplit(KinesisClient client, string streamName, ReplayClock clock, DemoFigures figures, TimeProvider time)
{
    /// <summary>Waits for the half and splits.</summary>
    public async Task<SplitFacts> RunAsync(Task halfWay, CancellationToken cancellationToken)
    {
        await halfWay.WaitAsync(cancellationToken).ConfigureAwait(false);
        var (parent, keys) = figures.BusiestShard();
        var middle = MiddleOfLoad(keys);
        var (acknowledged, at) = (figures.AcknowledgedCount, clock.Elapsed);
        await client.SplitShardAsync(
            new SplitShardRequest { StreamName = streamName, ShardToSplit = parent, NewStartingHashKey = middle }, cancellationToken).ConfigureAwait(false);
        await StreamShards.WaitUntilActiveAsync(client, streamName, time, cancellationToken).ConfigureAwait(false);
        figures.Closed(parent);
        var took = clock.Elapsed - at;
        var shards = await StreamShards.ListAsync(client, streamName, cancellationToken).ConfigureAwait(false);
        var children = shards.Where(shard => shard.ParentShardId == parent).Select(shard => shard.ShardId!).ToList();
        return new SplitFacts(parent, children, middle, acknowledged, at, took);
    }

    /// <summary>The hash key that divides a shard's keys so that both sides had about as many records.</summary>
    /// <param name="keys">Records of each key; at least two keys.</param>
    internal static string MiddleOfLoad(IReadOnlyDictionary<string, int> keys)
    {
        var sorted = keys.Select(key => (Hash: HashKey.Of(key.Key), Records: key.Value)).OrderBy(key => key.Hash).ToList();
        var (below, total) = (0, sorted.Sum(key => key.Records));
        var best = sorted.Skip(1).Select((key, index) => (key.Hash, Off: Math.Abs(total - (2 * (below += sorted[index].Records))))).MinBy(cut => cut.Off);
        return best.Hash.ToString();
    }
}
