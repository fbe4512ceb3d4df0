using System.Diagnostics;
using System.Diagnostics.Metrics;
using Weir.Model;
using Weir.Streams;

namespace Weir.Server.Metrics;

/// <summary>The metrics of enhanced fan-out in spec section 9.1: each has the consumer's name beside the stream's.</summary>
/// <remarks>Thread-safe; measuring allocates nothing.</remarks>
internal sealed class ConsumerMetrics
{
    private readonly string _account;
    private readonly ShardLevelMetrics _shards;
    private readonly Counter<long> _success;
    private readonly Counter<long> _rateExceeded;
    private readonly Counter<long> _eventSuccess;
    private readonly Counter<long> _eventBytes;
    private readonly Counter<long> _eventRecords;
    private readonly Histogram<long> _behind;
    private int _open;

    /// <summary>Makes the instruments.</summary>
    public ConsumerMetrics(IMeterFactory meters, string account, ShardLevelMetrics shards)
    {
        (_account, _shards) = (account, shards);
        var meter = meters.Create(StreamMetrics.MeterName);
        _success = meter.CreateCounter<long>("SubscribeToShard.Success", "{call}", "SubscribeToShard calls that became a subscription.");
        _rateExceeded = meter.CreateCounter<long>(
            "SubscribeToShard.RateExceeded", "{call}", "SubscribeToShard calls that were refused because a subscription is active or calls came too often.");
        _eventSuccess = meter.CreateCounter<long>("SubscribeToShardEvent.Success", "{event}", "Events that were sent to subscriptions.");
        _eventBytes = meter.CreateCounter<long>("SubscribeToShardEvent.Bytes", "By", "Bytes of the records in events.");
        _eventRecords = meter.CreateCounter<long>("SubscribeToShardEvent.Records", "{record}", "Records in events.");
        _behind = meter.CreateHistogram(
            "SubscribeToShardEvent.MillisBehindLatest", "ms", "How far behind the tip each event left its reader.", null, Buckets.AgeMilliseconds);
        meter.CreateObservableUpDownCounter("weir.server.subscriptions", () => Volatile.Read(ref _open), "{subscription}", "Subscriptions that are open.");
    }

    /// <summary>A call became a subscription. <see cref="Ended"/> has to follow.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="consumer">The consumer's name.</param>
    public void Subscribed(in StreamName stream, string consumer)
    {
        Interlocked.Increment(ref _open);
        _success.Add(1, TagsOf(stream, consumer));
    }

    /// <summary>A subscription came to its end, whichever.</summary>
    public void Ended() => Interlocked.Decrement(ref _open);

    /// <summary>A call was refused: a subscription of this consumer and shard is active, or calls came too often.</summary>
    public void RateExceeded(in StreamName stream, string consumer) => _rateExceeded.Add(1, TagsOf(stream, consumer));

    /// <summary>An event was handed over to the connection.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="consumer">The consumer's name.</param>
    /// <param name="records">Records in the event.</param>
    /// <param name="bytes">Their data and partition keys.</param>
    /// <param name="millisBehindLatest">As the event says.</param>
    public void EventSent(DataStream.Snapshot stream, Shard shard, string consumer, int records, long bytes, long millisBehindLatest)
    {
        var tags = TagsOf(stream.Row.Name, consumer);
        _eventSuccess.Add(1, tags);
        _eventBytes.Add(bytes, tags);
        _eventRecords.Add(records, tags);
        _behind.Record(millisBehindLatest, tags);
        _shards.Outgoing(stream, shard, records, bytes);
    }

    private TagList TagsOf(in StreamName stream, string consumer)
    {
        var tags = SeriesTags.OfStream(stream, _account);
        tags.Add(SeriesTags.ConsumerName, consumer);
        return tags;
    }
}
