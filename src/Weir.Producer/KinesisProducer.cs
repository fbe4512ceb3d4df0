using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Client;
using Weir.Model;
using Weir.Producer.HotKeys;
using Weir.Producer.Records;
using Weir.Producer.Sending;
using Weir.Producer.Shards;
using Weir.Protocol.Aggregation;

namespace Weir.Producer;

/// <summary>Puts records into one stream: aggregated, collected into requests, at the shards' pace, and each with an outcome.</summary>
/// <remarks>
/// <para>Thread-safe; make one for a stream and keep it. It holds at most <see cref="ProducerOptions.MaxBufferedBytes"/>; when they are used
/// up, or a shard is <see cref="ProducerOptions.MaxShardBacklog"/> behind, a put waits: that is how a slow stream slows the program that fills it.</para>
/// <para>Records are stored at least once: one whose answer was lost is sent again. Unless <see cref="ProducerOptions.KeepOrder"/> is set,
/// retries may overtake later records.</para>
/// <para>The client is the caller's, may be shared, and must outlive the producer. The producer retries by itself, so the client's own
/// retries do not apply to its puts.</para>
/// </remarks>
public sealed class KinesisProducer : IAsyncDisposable
{
    private const string FullText =
        "The producer holds as much as it may (MaxBufferedBytes), or the record's shard is as far behind as it may be (MaxShardBacklog), and the policy is not to wait.";

    private const string ClosedText = "The producer was closed.";

    // Some 3 MB. More of them are no faster: they have left the processor's caches by the time of their next use.
    private const int MaxIdleRecords = 16 * 1024;

    private readonly ProducerOptions _options;
    private readonly ProducerClock _clock;
    private readonly ProducerMetrics _metrics;
    private readonly HotKeyWatch _hotKeys;
    private readonly PendingRecordPool _pool = new(MaxIdleRecords);
    private readonly HashKeyCache _hashKeys = new();
    private readonly ByteCredit _credit;
    private readonly Outcomes _outcomes;
    private readonly PostedRecords _posted;
    private readonly SendLoop _loop;
    private readonly ProducerLog _log;
    private readonly Task _running;
    private readonly Action<PendingRecord, CancellationToken> _cancelled;
    private readonly Lock _gate = new();

    // Replaced by a flush, under the lock; read by who puts.
    private volatile FlushEpoch _epoch = FlushEpoch.First();

    // Under the lock. The closing, once somebody has begun it.
    private Task? _closing;
    private volatile bool _isClosed;

    /// <summary>Makes a producer. Opens nothing: the first put does.</summary>
    /// <param name="client">Speaks to the service. Borrowed until the producer is disposed.</param>
    /// <param name="options">What to do. Read now; later changes have no effect.</param>
    /// <param name="logger">Told of what an operator should know; null for nobody.</param>
    /// <param name="meters">Makes the meter <c>Weir.Producer</c>; null for one that lives as long as the producer.</param>
    /// <exception cref="ArgumentException">An option is out of range; the text names it.</exception>
    public KinesisProducer(KinesisClient client, ProducerOptions options, ILogger<KinesisProducer>? logger = null, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        _options = options = options.Validated();
        _clock = new ProducerClock(options.TimeProvider);
        _log = new ProducerLog(logger ?? NullLogger<KinesisProducer>.Instance, options.StreamName);
        _metrics = new ProducerMetrics(options.StreamName, meters);
        _hotKeys = new HotKeyWatch(options, _clock, _log);
        _credit = new ByteCredit(options.MaxBufferedBytes, AcceptWaiting, ShardCreditOf);
        _outcomes = new Outcomes(options.StreamName, _credit, _metrics);
        _posted = new PostedRecords(options.OnPostFailed, _log);
        _cancelled = Cancelled;
        _loop = new SendLoop(
            options,
            _clock,
            _credit,
            new RequestSender(client, options.StreamName, _outcomes, _metrics, _clock),
            _outcomes,
            new ShardLister(client, options.StreamName),
            _hotKeys,
            _metrics,
            _log,
            options.Random ?? new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
        _metrics.Observe(meters, () => _credit.Records, () => _credit.Used, () => _credit.Waiting);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The stream.</summary>
    public string StreamName => _options.StreamName;

    /// <summary>What is used of the credit: bytes of records without an outcome, with their overhead.</summary>
    public long BufferedBytes => _credit.Used;

    /// <summary>Records that were accepted and have no outcome yet.</summary>
    public long PendingRecords => _credit.Records;

    /// <summary>The keys that took more than <see cref="ProducerOptions.HotKeyPercent"/> of a shard in the last ten seconds, the hottest first.</summary>
    public IReadOnlyList<HotKey> HotKeys => _hotKeys.Keys;

    /// <summary>Records that wait for credit: puts that are held back.</summary>
    public int WaitingRecords => _credit.Waiting;

    /// <summary>Puts a record, and completes when it is stored.</summary>
    /// <param name="partitionKey">1 to 256 characters; decides the shard.</param>
    /// <param name="data">
    /// The payload. Copied before the method returns, unless the record has to wait for credit: then it must not change until it was
    /// accepted, which is at the latest when the task completes.
    /// </param>
    /// <param name="explicitHashKey">The hash key that decides the shard in place of the partition key's.</param>
    /// <param name="cancellationToken">
    /// Ends the wait. A record that waits for credit is given up then; one that was accepted goes its way, and nobody learns where it went.
    /// </param>
    /// <returns>Where the record is. <b>To be awaited once</b>, as every <see cref="ValueTask{TResult}"/>.</returns>
    /// <exception cref="PutFailedException">The record failed; the exception says why and what was tried.</exception>
    /// <exception cref="ArgumentException">The key is empty or too long, or the record larger than the stream takes.</exception>
    /// <exception cref="ObjectDisposedException">The producer is closed.</exception>
    public ValueTask<PutResult> PutAsync(
        string partitionKey, ReadOnlyMemory<byte> data, HashKey? explicitHashKey = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var record = Begin(partitionKey, explicitHashKey, data.Length, observer: null, index: 0);
        var promise = record.Promise;
        Admit(record, data, cancellationToken);
        return promise;
    }

    /// <summary>Puts many records, and completes when each has its outcome. Failures are outcomes too: look at every one.</summary>
    /// <param name="records">The records, stored in this order as far as <see cref="ProducerOptions.KeepOrder"/> says. Their data must not change until the task completes.</param>
    /// <param name="cancellationToken">Ends the wait; records that wait for credit are given up, and their data is not looked at any more.</param>
    /// <returns>The outcomes, in the order of the records.</returns>
    /// <exception cref="ArgumentException">A record's key is empty or too long, or the record larger than the stream takes: then none is put.</exception>
    /// <exception cref="ObjectDisposedException">The producer is closed.</exception>
    public async Task<IReadOnlyList<PutOutcome>> PutAsync(IReadOnlyList<UserRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        cancellationToken.ThrowIfCancellationRequested();
        if (records.Count == 0)
            return [];
        foreach (var (partitionKey, _, data) in records)
            SizeOf(partitionKey, data.Length);
        var batch = new BatchPut(records.Count);
        List<PendingRecord>? waiting = null;
        for (var i = 0; i < records.Count; i++)
        {
            var record = Begin(records[i].PartitionKey, records[i].ExplicitHashKey, records[i].Data.Length, batch, i);
            if (!Admit(record, records[i].Data, CancellationToken.None))
                (waiting ??= []).Add(record);
        }

        try
        {
            return await batch.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A record that was accepted meanwhile may have ended and begun another life: the queue knows by the batch.
            foreach (var record in waiting ?? [])
            {
                if (_credit.TryLeave(record, batch))
                    _outcomes.Forget(record);
            }

            throw;
        }
    }

    /// <summary>Hands a record over, and completes when the producer has accepted it: at once, unless there is no credit.</summary>
    /// <param name="partitionKey">1 to 256 characters; decides the shard.</param>
    /// <param name="data">The payload. Copied when the task completes; must not change until then.</param>
    /// <param name="explicitHashKey">The hash key that decides the shard in place of the partition key's.</param>
    /// <remarks>
    /// Nobody awaits the outcome: <see cref="ProducerOptions.OnPostFailed"/>, the metrics and the log tell of failures, and
    /// <see cref="FlushAsync"/> waits for all outcomes.
    /// </remarks>
    /// <exception cref="PutFailedException">There is no credit, and the policy is <see cref="FullPolicy.Fail"/>; or the producer closed while the record waited.</exception>
    /// <exception cref="ArgumentException">The key is empty or too long, or the record larger than the stream takes.</exception>
    /// <exception cref="ObjectDisposedException">The producer is closed.</exception>
    public ValueTask PostAsync(string partitionKey, ReadOnlyMemory<byte> data, HashKey? explicitHashKey = null)
    {
        var record = Begin(partitionKey, explicitHashKey, data.Length, _posted, index: 0);
        if (_credit.TryTake(record))
        {
            Accept(record, data);
            return ValueTask.CompletedTask;
        }

        switch (_options.WhenFull)
        {
            case FullPolicy.Fail:
                return ValueTask.FromException(_outcomes.Refuse(record, PutFailureReason.Full, FullText));
            case FullPolicy.Drop:
                _outcomes.NotAccepted(record, data, PutFailureReason.Dropped, FullText);
                return ValueTask.CompletedTask;
            default:
                var acceptance = record.Acceptance = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                record.WaitingData = data;
                _credit.TakeOrWait(record);
                return new ValueTask(acceptance.Task);
        }
    }

    /// <summary>Sends what is buffered without waiting for company, and completes when every record that was put before has its outcome.</summary>
    /// <param name="cancellationToken">Ends the wait; the records go their way.</param>
    /// <remarks>Says nothing about what the outcomes are: the puts do.</remarks>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        FlushEpoch epoch;
        lock (_gate)
        {
            epoch = _epoch;
            _epoch = epoch.Next();
        }

        epoch.Close();
        await _loop.FlushAsync(epoch).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Closes the producer: takes no more records, sends what it has, and after <see cref="ProducerOptions.DrainTime"/> fails what is left.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new ValueTask(_closing ??= CloseAsync());
    }

    private async Task CloseAsync()
    {
        // Not under the caller's lock.
        await Task.Yield();
        _isClosed = true;
        // What has no outcome in that time fails below, each record with its own exception.
        await FlushAsync().WaitAsync(_options.DrainTime, _clock.Provider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _loop.StopAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _loop.Dispose();
        _metrics.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await _loop.RunAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.LoopFailed(exception);
            throw;
        }
        finally
        {
            _isClosed = true;
            foreach (var record in _credit.TakeWaiting())
                _outcomes.NotAccepted(record, record.WaitingData, PutFailureReason.Stopped, ClosedText);
        }
    }

    private PendingRecord Begin(string partitionKey, HashKey? explicitHashKey, int dataBytes, IPutObserver? observer, int index)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (explicitHashKey is null)
            partitionKey = _hotKeys.Spread(partitionKey);
        var size = SizeOf(partitionKey, dataBytes);
        return _pool.Rent(partitionKey, explicitHashKey, explicitHashKey ?? _hashKeys.Of(partitionKey), size, EnterEpoch(), observer, index);
    }

    private FlushEpoch EnterEpoch()
    {
        while (true)
        {
            var epoch = _epoch;
            if (epoch.TryEnter())
                return epoch;
        }
    }

    // Lets a record in, or does what the policy says.
    // False when it waits for credit.
    private bool Admit(PendingRecord record, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (_credit.TryTake(record))
        {
            Accept(record, data);
            record.EndWaitOn(cancellationToken, _cancelled);
            return true;
        }

        switch (_options.WhenFull)
        {
            case FullPolicy.Fail:
                _outcomes.NotAccepted(record, data, PutFailureReason.Full, FullText);
                return true;
            case FullPolicy.Drop:
                _outcomes.Dropped(record);
                return true;
            default:
                record.WaitingData = data;
                var isAccepted = _credit.TakeOrWait(record);
                record.EndWaitOn(cancellationToken, _cancelled);
                return isAccepted;
        }
    }

    // Called by the credit, under its lock: so records are accepted in the order in which they began to wait.
    private void AcceptWaiting(PendingRecord record)
    {
        var (data, acceptance) = (record.WaitingData, record.Acceptance);
        record.WaitingData = default;
        if (Accept(record, data))
            acceptance?.TrySetResult();
    }

    private ShardCredit? ShardCreditOf(PendingRecord record) =>
        _options.RateLimitPercent == 0 ? null : _loop.Lanes.Map.LaneOf(record.HashKey).Credit;

    private bool Accept(PendingRecord record, ReadOnlyMemory<byte> data)
    {
        record.AcceptedAt = _clock.Now;
        _metrics.Received(1);
        if (_loop.Lanes.TryAdd(record, data.Span))
            return true;
        // The lanes have ended, and the credit with them.
        _outcomes.NotAccepted(record, data, PutFailureReason.Stopped, ClosedText);
        return false;
    }

    private void Cancelled(PendingRecord record, CancellationToken cancellationToken)
    {
        var isGivenUp = _credit.TryLeave(record);
        record.EndWait(cancellationToken);
        if (isGivenUp)
            _outcomes.Forget(record);
    }

    // What the record takes of the credit; throws if it can be put nowhere.
    private int SizeOf(string partitionKey, int dataBytes)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        if (partitionKey.Length is 0 or > KinesisLimits.MaxPartitionKeyCharacters)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The partition key has {partitionKey.Length} characters; it must have 1 to {KinesisLimits.MaxPartitionKeyCharacters}."),
                nameof(partitionKey));
        }

        var bytes = (long)dataBytes + Encoding.UTF8.GetByteCount(partitionKey);
        if (bytes > _loop.MaxRecordBytes)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"Data and key have {bytes} bytes; the stream takes {_loop.MaxRecordBytes}."),
                nameof(dataBytes));
        }

        return (int)bytes + ProducerOptions.RecordOverheadBytes;
    }
}
