using System.Diagnostics;
using System.Diagnostics.Metrics;
using Weir.Protocol;
using Weir.Protocol.Records;
using Weir.Streams;

namespace Weir.Server.Metrics;

/// <summary>The stream-level metrics of spec section 9.1, under their own names. What they mean: docs/metrics.md.</summary>
/// <remarks>
/// Thread-safe; measuring allocates nothing. Only streams that exist are measured: what a request names need not exist, and would be a
/// series each time.
/// </remarks>
internal sealed class StreamMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Weir.Server";

    /// <summary>
    /// An instrument whose values are those of another, for whoever still knows the older name. In Prometheus's text both would have one
    /// name, so this one is left out there.
    /// </summary>
    public const string OldIteratorAge = "GetRecords.IteratorAge";

    private const string Milliseconds = "ms";

    private readonly string _account;
    private readonly ShardLevelMetrics _shards;
    private readonly Counter<long> _incomingBytes;
    private readonly Counter<long> _incomingRecords;
    private readonly Counter<long> _putRecordBytes;
    private readonly Counter<long> _putRecordSuccess;
    private readonly Histogram<double> _putRecordLatency;
    private readonly Counter<long> _putRecordsBytes;
    private readonly Counter<long> _putRecordsSuccess;
    private readonly Histogram<double> _putRecordsLatency;
    private readonly Counter<long> _putRecordsRecords;
    private readonly Counter<long> _totalRecords;
    private readonly Counter<long> _successfulRecords;
    private readonly Counter<long> _failedRecords;
    private readonly Counter<long> _throttledRecords;
    private readonly Counter<long> _writesThrottled;
    private readonly Counter<long> _getBytes;
    private readonly Counter<long> _getRecords;
    private readonly Counter<long> _getSuccess;
    private readonly Histogram<double> _getLatency;
    private readonly Histogram<long> _iteratorAge;
    private readonly Histogram<long> _oldIteratorAge;
    private readonly Counter<long> _readsThrottled;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Owns them.</param>
    /// <param name="account">The server's account.</param>
    /// <param name="shards">The same for single shards.</param>
    public StreamMetrics(IMeterFactory meters, string account, ShardLevelMetrics shards)
    {
        (_account, _shards) = (account, shards);
        var meter = meters.Create(MeterName);
        _incomingBytes = meter.CreateCounter<long>("IncomingBytes", "By", "Bytes of the records that were accepted, data and partition key.");
        _incomingRecords = meter.CreateCounter<long>("IncomingRecords", "{record}", "Records that were accepted.");
        _putRecordBytes = meter.CreateCounter<long>("PutRecord.Bytes", "By", "Bytes that PutRecord accepted.");
        _putRecordSuccess = meter.CreateCounter<long>("PutRecord.Success", "{call}", "PutRecord calls that succeeded.");
        _putRecordLatency = Latency(meter, "PutRecord.Latency", "Time of a PutRecord call, whether or not it succeeded.");
        _putRecordsBytes = meter.CreateCounter<long>("PutRecords.Bytes", "By", "Bytes that PutRecords accepted.");
        _putRecordsSuccess = meter.CreateCounter<long>("PutRecords.Success", "{call}", "PutRecords calls of which at least one record was accepted.");
        _putRecordsLatency = Latency(meter, "PutRecords.Latency", "Time of a PutRecords call, whether or not it succeeded.");
        _putRecordsRecords = meter.CreateCounter<long>("PutRecords.Records", "{record}", "Obsolete: PutRecords.SuccessfulRecords.");
        _totalRecords = meter.CreateCounter<long>("PutRecords.TotalRecords", "{record}", "Records of the PutRecords calls that were examined record by record.");
        _successfulRecords = meter.CreateCounter<long>("PutRecords.SuccessfulRecords", "{record}", "Records that PutRecords accepted.");
        _failedRecords = meter.CreateCounter<long>("PutRecords.FailedRecords", "{record}", "Records of PutRecords calls that failed inside the server.");
        _throttledRecords = meter.CreateCounter<long>("PutRecords.ThrottledRecords", "{record}", "Records of PutRecords calls that were refused for a rate, or for a queue that was full.");
        _writesThrottled = meter.CreateCounter<long>("WriteProvisionedThroughputExceeded", "{record}", "Records that were refused for a shard's rate, or for a queue that was full.");
        _getBytes = meter.CreateCounter<long>("GetRecords.Bytes", "By", "Bytes of the records that GetRecords gave.");
        _getRecords = meter.CreateCounter<long>("GetRecords.Records", "{record}", "Records that GetRecords gave.");
        _getSuccess = meter.CreateCounter<long>("GetRecords.Success", "{call}", "GetRecords calls that succeeded.");
        _getLatency = Latency(meter, "GetRecords.Latency", "Time of a GetRecords call, whether or not it succeeded.");
        _iteratorAge = meter.CreateHistogram(
            "GetRecords.IteratorAgeMilliseconds", Milliseconds, "Age of the last record of each GetRecords call; 0 for a reader that has caught up.", null, Buckets.AgeMilliseconds);
        _oldIteratorAge = meter.CreateHistogram(OldIteratorAge, Milliseconds, "Obsolete: GetRecords.IteratorAgeMilliseconds.", null, Buckets.AgeMilliseconds);
        _readsThrottled = meter.CreateCounter<long>("ReadProvisionedThroughputExceeded", "{call}", "GetRecords calls that were refused for a shard's rate.");
    }

    /// <summary>The one record of a PutRecord has an outcome.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="bytes">Data and partition key.</param>
    public void PutRecord(DataStream.Snapshot stream, in PutOutcome outcome, int bytes)
    {
        var tags = SeriesTags.OfStream(stream.Row.Name, _account);
        if (outcome.Status == PutStatus.Accepted)
        {
            _incomingBytes.Add(bytes, tags);
            _incomingRecords.Add(1, tags);
            _putRecordBytes.Add(bytes, tags);
            _putRecordSuccess.Add(1, tags);
            _shards.Incoming(stream, outcome.Shard!, records: 1, bytes);
        }
        else if (IsThrottled(outcome))
        {
            _writesThrottled.Add(1, tags);
            _shards.WritesThrottled(stream, outcome.Shard!, records: 1);
        }
    }

    /// <summary>The records of a PutRecords have outcomes.</summary>
    public void PutRecords(DataStream.Snapshot stream, PutRequest request, PutOutcomes outcomes)
    {
        long accepted = 0, throttled = 0, bytes = 0;
        var all = outcomes.All;
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i].Status == PutStatus.Accepted)
            {
                accepted++;
                bytes += request.RecordBytes(i);
            }
            else if (IsThrottled(all[i]))
            {
                throttled++;
            }
        }

        var tags = SeriesTags.OfStream(stream.Row.Name, _account);
        _totalRecords.Add(all.Length, tags);
        if (accepted > 0)
        {
            _incomingBytes.Add(bytes, tags);
            _incomingRecords.Add(accepted, tags);
            _putRecordsBytes.Add(bytes, tags);
            _putRecordsRecords.Add(accepted, tags);
            _putRecordsSuccess.Add(1, tags);
            _successfulRecords.Add(accepted, tags);
        }

        if (throttled > 0)
        {
            _throttledRecords.Add(throttled, tags);
            _writesThrottled.Add(throttled, tags);
        }

        if (all.Length - accepted - throttled is > 0 and var failed)
            _failedRecords.Add(failed, tags);
        _shards.Put(stream, request, outcomes);
    }

    /// <summary>A GetRecords call has its answer.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="shard">The shard that was read.</param>
    /// <param name="records">How many records it gave.</param>
    /// <param name="bytes">Their data and partition keys.</param>
    /// <param name="ageMilliseconds">Age of the last of them; 0 when the reader has caught up.</param>
    public void GetRecords(DataStream.Snapshot stream, Shard shard, int records, long bytes, long ageMilliseconds)
    {
        var tags = SeriesTags.OfStream(stream.Row.Name, _account);
        _getBytes.Add(bytes, tags);
        _getRecords.Add(records, tags);
        _getSuccess.Add(1, tags);
        _iteratorAge.Record(ageMilliseconds, tags);
        _oldIteratorAge.Record(ageMilliseconds, tags);
        _shards.Outgoing(stream, shard, records, bytes);
        _shards.IteratorAge(stream, shard, ageMilliseconds);
    }

    /// <summary>A GetRecords call was refused for its shard's rate.</summary>
    public void ReadThrottled(DataStream.Snapshot stream, Shard shard)
    {
        _readsThrottled.Add(1, SeriesTags.OfStream(stream.Row.Name, _account));
        _shards.ReadThrottled(stream, shard);
    }

    /// <summary>Where the time of an operation's calls is recorded, in milliseconds; null for operations that are not timed by stream.</summary>
    public Histogram<double>? LatencyOf(KinesisOperation operation) =>
        operation == KinesisOperation.PutRecord ? _putRecordLatency
        : operation == KinesisOperation.PutRecords ? _putRecordsLatency
        : operation == KinesisOperation.GetRecords ? _getLatency
        : null;

    /// <summary>Whether a record was refused with ProvisionedThroughputExceeded.</summary>
    internal static bool IsThrottled(in PutOutcome outcome) => outcome.Status is PutStatus.Throttled or PutStatus.Overloaded;

    private static Histogram<double> Latency(Meter meter, string name, string description) =>
        meter.CreateHistogram(name, Milliseconds, description, null, Buckets.CallMilliseconds);
}
