using System.Diagnostics;
using System.Diagnostics.Metrics;
using Weir.Protocol.Records;
using Weir.Streams;

namespace Weir.Server.Metrics;

/// <summary>The shard-level metrics of spec section 9.2, for streams that have them switched on.</summary>
/// <remarks>
/// Thread-safe. Costs a comparison for streams without them and allocates nothing with them. A meter of its own, because the names are
/// those of the stream level: in one instrument the sum over all series would count every record twice.
/// </remarks>
internal sealed class ShardLevelMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Weir.Server.Shards";

    private readonly string _account;
    private readonly Counter<long> _incomingBytes;
    private readonly Counter<long> _incomingRecords;
    private readonly Counter<long> _outgoingBytes;
    private readonly Counter<long> _outgoingRecords;
    private readonly Counter<long> _writesThrottled;
    private readonly Counter<long> _readsThrottled;
    private readonly Histogram<long> _iteratorAge;

    /// <summary>Makes the instruments.</summary>
    public ShardLevelMetrics(IMeterFactory meters, string account)
    {
        _account = account;
        var meter = meters.Create(MeterName);
        _incomingBytes = meter.CreateCounter<long>("IncomingBytes", "By", "Bytes of the records that the shard accepted, data and partition key.");
        _incomingRecords = meter.CreateCounter<long>("IncomingRecords", "{record}", "Records that the shard accepted.");
        _outgoingBytes = meter.CreateCounter<long>("OutgoingBytes", "By", "Bytes of the records that readers of both kinds got from the shard.");
        _outgoingRecords = meter.CreateCounter<long>("OutgoingRecords", "{record}", "Records that readers of both kinds got from the shard.");
        _writesThrottled = meter.CreateCounter<long>("WriteProvisionedThroughputExceeded", "{record}", "Records that were refused for the shard's rate, or for a queue that was full.");
        _readsThrottled = meter.CreateCounter<long>("ReadProvisionedThroughputExceeded", "{call}", "GetRecords calls that were refused for the shard's rate.");
        _iteratorAge = meter.CreateHistogram(
            "IteratorAgeMilliseconds", "ms", "Age of the last record of each GetRecords call on the shard; 0 for a reader that has caught up.", null, Buckets.ShardAgeMilliseconds);
    }

    /// <summary>The bit that switches an instrument of this meter on.</summary>
    public static ShardMetrics BitOf(Instrument instrument) =>
        Enum.TryParse<ShardMetrics>(instrument.Name, out var bit) ? bit : ShardMetrics.None;

    /// <summary>A shard accepted records.</summary>
    public void Incoming(DataStream.Snapshot stream, Shard shard, long records, long bytes)
    {
        var on = stream.Row.ShardMetrics;
        if ((on & (ShardMetrics.IncomingBytes | ShardMetrics.IncomingRecords)) == 0)
            return;
        var tags = TagsOf(stream, shard);
        if ((on & ShardMetrics.IncomingBytes) != 0)
            _incomingBytes.Add(bytes, tags);
        if ((on & ShardMetrics.IncomingRecords) != 0)
            _incomingRecords.Add(records, tags);
    }

    /// <summary>A shard's records went to a reader, by GetRecords or by a subscription.</summary>
    public void Outgoing(DataStream.Snapshot stream, Shard shard, long records, long bytes)
    {
        var on = stream.Row.ShardMetrics;
        if ((on & (ShardMetrics.OutgoingBytes | ShardMetrics.OutgoingRecords)) == 0)
            return;
        var tags = TagsOf(stream, shard);
        if ((on & ShardMetrics.OutgoingBytes) != 0)
            _outgoingBytes.Add(bytes, tags);
        if ((on & ShardMetrics.OutgoingRecords) != 0)
            _outgoingRecords.Add(records, tags);
    }

    /// <summary>A shard's rate refused records.</summary>
    public void WritesThrottled(DataStream.Snapshot stream, Shard shard, long records)
    {
        if ((stream.Row.ShardMetrics & ShardMetrics.WriteProvisionedThroughputExceeded) != 0)
            _writesThrottled.Add(records, TagsOf(stream, shard));
    }

    /// <summary>A shard's rate refused a GetRecords call.</summary>
    public void ReadThrottled(DataStream.Snapshot stream, Shard shard)
    {
        if ((stream.Row.ShardMetrics & ShardMetrics.ReadProvisionedThroughputExceeded) != 0)
            _readsThrottled.Add(1, TagsOf(stream, shard));
    }

    /// <summary>A GetRecords call left its reader so far behind.</summary>
    public void IteratorAge(DataStream.Snapshot stream, Shard shard, long milliseconds)
    {
        if ((stream.Row.ShardMetrics & ShardMetrics.IteratorAgeMilliseconds) != 0)
            _iteratorAge.Record(milliseconds, TagsOf(stream, shard));
    }

    /// <summary>The records of a PutRecords, to their shards.</summary>
    public void Put(DataStream.Snapshot stream, PutRequest request, PutOutcomes outcomes)
    {
        const ShardMetrics ofPuts = ShardMetrics.IncomingBytes | ShardMetrics.IncomingRecords | ShardMetrics.WriteProvisionedThroughputExceeded;
        if ((stream.Row.ShardMetrics & ofPuts) == 0)
            return;
        var tally = ShardTally.Take();
        var all = outcomes.All;
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i].Status == PutStatus.Accepted)
                tally.Accepted(all[i].Shard!, request.RecordBytes(i));
            else if (StreamMetrics.IsThrottled(all[i]))
                tally.Throttled(all[i].Shard!);
        }

        foreach (var (shard, sums) in tally.Sums)
        {
            if (sums.Records > 0)
                Incoming(stream, shard, sums.Records, sums.Bytes);
            if (sums.Throttled > 0)
                WritesThrottled(stream, shard, sums.Throttled);
        }

        tally.Clear();
    }

    private TagList TagsOf(DataStream.Snapshot stream, Shard shard)
    {
        var tags = SeriesTags.OfStream(stream.Row.Name, _account);
        tags.Add(SeriesTags.ShardId, shard.Name);
        return tags;
    }
}
