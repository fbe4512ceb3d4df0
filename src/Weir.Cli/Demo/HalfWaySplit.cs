using Weir.Client;
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

/// <summary>Splits the busiest shard in the middle of its hash key range once half of the trace is acknowledged, while the replay goes on.</summary>
internal sealed class HalfWaySplit(KinesisClient client, string streamName, ReplayClock clock, DemoFigures figures, TimeProvider time)
{
    /// <summary>Waits for the half and splits.</summary>
    public async Task<SplitFacts> RunAsync(Task halfWay, CancellationToken cancellationToken)
    {
        await halfWay.WaitAsync(cancellationToken).ConfigureAwait(false);
        var parent = figures.BusiestShard;
        var shards = await StreamShards.ListAsync(client, streamName, cancellationToken).ConfigureAwait(false);
        var middle = Middle(shards.First(shard => shard.ShardId == parent).HashKeyRange!);
        var (acknowledged, at) = (figures.AcknowledgedCount, clock.Elapsed);
        await client.SplitShardAsync(
            new SplitShardRequest { StreamName = streamName, ShardToSplit = parent, NewStartingHashKey = middle }, cancellationToken).ConfigureAwait(false);
        await StreamShards.WaitUntilActiveAsync(client, streamName, time, cancellationToken).ConfigureAwait(false);
        figures.Closed(parent);
        var took = clock.Elapsed - at;
        shards = await StreamShards.ListAsync(client, streamName, cancellationToken).ConfigureAwait(false);
        var children = shards.Where(shard => shard.ParentShardId == parent).Select(shard => shard.ShardId!).ToList();
        return new SplitFacts(parent, children, middle, acknowledged, at, took);
    }

    private static string Middle(HashKeyRange range)
    {
        UInt128 first = UInt128.Parse(range.StartingHashKey!, null), last = UInt128.Parse(range.EndingHashKey!, null);
        return (first + ((last - first) / 2) + 1).ToString();
    }
}
