using System.Diagnostics.Metrics;
using Weir.Model;
using Weir.Streams;

namespace Weir.Server.Metrics;

/// <summary>Decides whether the thing that a series is about is still there: the stream, the consumer, the shard and the shard-level metric.</summary>
/// <remarks>Thread-safe. Costs a look-up by name or two; nothing is told of deletions, so nothing can be missed.</remarks>
internal sealed class SeriesLife(StreamEngine engine, string account)
{
    /// <summary>Whether to keep a series.</summary>
    public bool Lives(Instrument instrument, TagSet tags)
    {
        if (tags.Find(SeriesTags.StreamName) is not { } name)
            return true;
        var stream = new StreamName(tags.Find(SeriesTags.AccountId) ?? account, tags.Find(SeriesTags.Region) ?? "", name);
        if (engine.Streams.Find(stream)?.Current is not { } snapshot)
            return false;
        if (tags.Find(SeriesTags.ConsumerName) is { } consumer && snapshot.Consumers.Find(consumer) is null)
            return false;
        return tags.Find(SeriesTags.ShardId) is not { } shard || Lives(instrument, shard, snapshot);
    }

    private static bool Lives(Instrument instrument, string shard, DataStream.Snapshot snapshot) =>
        (snapshot.Row.ShardMetrics & ShardLevelMetrics.BitOf(instrument)) != 0
        && ShardId.TryNormalize(shard, out var id)
        && snapshot.Shards.Find(id) is not null;
}
