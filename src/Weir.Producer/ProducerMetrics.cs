using System.Diagnostics;
using System.Diagnostics.Metrics;
using Weir.Producer.Records;

namespace Weir.Producer;

/// <summary>What a producer measures of itself: the KPL's metrics, by their names, as instruments of System.Diagnostics.Metrics. Thread-safe.</summary>
/// <remarks>Tagged with the stream, and not with shards or keys: both would make new series for as long as the program runs.</remarks>
internal sealed class ProducerMetrics : IDisposable
{
    /// <summary>The meter that the instruments belong to.</summary>
    public const string MeterName = "Weir.Producer";

    private readonly Meter? _own;
    private readonly KeyValuePair<string, object?> _stream;

    private readonly Counter<long> _received;
    private readonly Counter<long> _put;
    private readonly Counter<long> _dataPut;
    private readonly Counter<long> _kinesisPut;
    private readonly Counter<long> _kinesisDataPut;
    private readonly Counter<long> _expired;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _errorsByCode;
    private readonly Histogram<int> _retries;
    private readonly Histogram<double> _bufferingTime;
    private readonly Histogram<double> _requestTime;
    private readonly Histogram<int> _userRecordsPerRecord;
    private readonly Histogram<int> _recordsPerRequest;
    private readonly Histogram<int> _userRecordsPerRequest;

    /// <param name="stream">The stream.</param>
    /// <param name="meters">Makes and owns the meter; null for one that the metrics own.</param>
    public ProducerMetrics(string stream, IMeterFactory? meters)
    {
        var meter = meters?.Create(MeterName) ?? (_own = new Meter(MeterName));
        _stream = new KeyValuePair<string, object?>("StreamName", stream);
        _received = meter.CreateCounter<long>("UserRecordsReceived", "{record}", "User records that the producer has accepted.");
        _put = meter.CreateCounter<long>("UserRecordsPut", "{record}", "User records that were stored.");
        _dataPut = meter.CreateCounter<long>("UserRecordsDataPut", "By", "Data of the user records that were stored.");
        _kinesisPut = meter.CreateCounter<long>("KinesisRecordsPut", "{record}", "Records that were stored, each with one user record or many.");
        _kinesisDataPut = meter.CreateCounter<long>("KinesisRecordsDataPut", "By", "Data of the records that were stored.");
        _expired = meter.CreateCounter<long>("UserRecordExpired", "{record}", "User records whose time to live was over before they were stored.");
        _failed = meter.CreateCounter<long>("weir.producer.failed", "{record}", "User records that were not stored, by reason.");
        _errors = meter.CreateCounter<long>("AllErrors", "{error}", "Attempts to store a record that failed.");
        _errorsByCode = meter.CreateCounter<long>("ErrorsByCode", "{error}", "The same, by error code.");
        _retries = meter.CreateHistogram<int>("RetriesPerRecord", "{attempt}", "Attempts before the one that stored a record.");
        _bufferingTime = meter.CreateHistogram<double>("BufferingTime", "ms", "From the acceptance of a record's first user record to its first attempt.");
        _requestTime = meter.CreateHistogram<double>("RequestTime", "ms", "Time of a PutRecords request, whether or not it succeeded.");
        _userRecordsPerRecord = meter.CreateHistogram<int>("UserRecordsPerKinesisRecord", "{record}", "User records of a record that was sent.");
        _recordsPerRequest = meter.CreateHistogram<int>("KinesisRecordsPerPutRecordsRequest", "{record}", "Records of a request.");
        _userRecordsPerRequest = meter.CreateHistogram<int>("UserRecordsPerPutRecordsRequest", "{record}", "User records of a request.");
    }

    /// <summary>Shows what is measured only when somebody asks.</summary>
    public void Observe(IMeterFactory? meters, Func<long> pending, Func<long> usedBytes, Func<int> waiting)
    {
        var meter = _own ?? meters!.Create(MeterName);
        KeyValuePair<string, object?>[] tags = [_stream];
        meter.CreateObservableUpDownCounter("UserRecordsPending", () => new Measurement<long>(pending(), tags), "{record}", "User records that were accepted and have no outcome yet.");
        meter.CreateObservableUpDownCounter("weir.producer.credit.used", () => new Measurement<long>(usedBytes(), tags), "By", "Credit that these have taken.");
        meter.CreateObservableUpDownCounter("weir.producer.credit.waiting", () => new Measurement<int>(waiting(), tags), "{record}", "Puts that wait for credit: callers that are held back.");
    }

    /// <summary>User records were accepted.</summary>
    public void Received(int records) => _received.Add(records, _stream);

    /// <summary>A request has ended.</summary>
    public void Requested(TimeSpan duration, int records, int userRecords)
    {
        _requestTime.Record(duration.TotalMilliseconds, _stream);
        _recordsPerRequest.Record(records, _stream);
        _userRecordsPerRequest.Record(userRecords, _stream);
    }

    /// <summary>A record was sent for the first time.</summary>
    public void Sent(int userRecords, TimeSpan buffered)
    {
        _userRecordsPerRecord.Record(userRecords, _stream);
        _bufferingTime.Record(buffered.TotalMilliseconds, _stream);
    }

    /// <summary>A record is stored.</summary>
    public void Stored(OutgoingRecord record)
    {
        _put.Add(record.Count, _stream);
        _kinesisPut.Add(1, _stream);
        if (_kinesisDataPut.Enabled)
            _kinesisDataPut.Add(record.Payload().Length, _stream);
        if (_dataPut.Enabled)
        {
            var bytes = 0L;
            for (var i = 0; i < record.Count; i++)
                bytes += record.DataOf(i).Length;
            _dataPut.Add(bytes, _stream);
        }

        _retries.Record(record.Sent - 1, _stream);
    }

    /// <summary>An attempt failed.</summary>
    public void Error(string code)
    {
        _errors.Add(1, _stream);
        _errorsByCode.Add(1, _stream, new KeyValuePair<string, object?>("ErrorCode", code));
    }

    /// <summary>A user record failed.</summary>
    public void Failed(PutFailureReason reason)
    {
        if (reason == PutFailureReason.Expired)
            _expired.Add(1, _stream);
        _failed.Add(1, _stream, new KeyValuePair<string, object?>("Reason", reason.ToString()));
    }

    /// <inheritdoc />
    public void Dispose() => _own?.Dispose();
}
