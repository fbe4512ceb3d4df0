using System.Collections.Concurrent;
using Weir.Model;
using Weir.Producer.HotKeys;
using Weir.Producer.Records;
using Weir.Producer.Shards;

namespace Weir.Producer.Sending;

/// <summary>
/// The producer's one loop: makes ready what is due, sends it as the shards' pace and the requests in flight allow, and looks at what was not
/// stored. Everything that is not said to be thread-safe belongs to it.
/// </summary>
internal sealed class SendLoop : IDisposable
{
    private readonly ProducerOptions _options;
    private readonly ProducerClock _clock;
    private readonly RequestSender _sender;
    private readonly Outcomes _outcomes;
    private readonly RequestPlan _plan;
    private readonly Unstored _unstored;
    private readonly ShardWatch _shards;
    private readonly HotKeyWatch _hotKeys;
    private readonly Wakeup _wakeup;
    private readonly CancellationTokenSource _stop = new();

    // From any thread: lanes that have something, and requests that have ended.
    private readonly ConcurrentQueue<ShardLane> _listed = new();
    private readonly ConcurrentQueue<PutRequest> _ended = new();

    private readonly List<ShardLane> _lanes = [];
    private readonly HashSet<PutRequest> _requests = [];

    // Flushes under way. Any thread.
    private int _flushes;

    public SendLoop(
        ProducerOptions options,
        ProducerClock clock,
        ByteCredit credit,
        RequestSender sender,
        Outcomes outcomes,
        ShardLister lister,
        HotKeyWatch hotKeys,
        ProducerMetrics metrics,
        ProducerLog log,
        Random random)
    {
        _options = options;
        _clock = clock;
        _sender = sender;
        _outcomes = outcomes;
        _plan = new RequestPlan(options);
        _wakeup = new Wakeup(clock.Provider);
        Lanes = new LaneSet(options, clock, credit, lane => { _listed.Enqueue(lane); _wakeup.Set(); }, _wakeup.Set);
        _shards = new ShardWatch(lister, Lanes, log, random, _wakeup.Set);
        _unstored = new Unstored(options, Lanes, _shards, outcomes, metrics, log, random);
        _hotKeys = hotKeys;
    }

    /// <summary>The lanes, which those who put fill. Thread-safe as they say.</summary>
    public LaneSet Lanes { get; }

    /// <summary>Bytes of data and key that a record may have: what the service said, or what it takes at most. Thread-safe.</summary>
    public int MaxRecordBytes => _shards.MaxRecordBytes ?? (KinesisLimits.MaxMaxRecordSizeInKiB * 1024);

    /// <summary>Sends without waiting for company until the flush is over. Thread-safe.</summary>
    public async Task FlushAsync(FlushEpoch epoch)
    {
        Interlocked.Increment(ref _flushes);
        _wakeup.Set();
        try
        {
            await epoch.Done.ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _flushes);
        }
    }

    /// <summary>Ends the loop: requests under way are given up. Thread-safe.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _wakeup.Set();
    }

    /// <summary>Runs until <see cref="StopAsync"/>; then every record that is left fails.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var wakeAt = Turn();
                var now = _clock.Now;
                if (wakeAt > now)
                    await _wakeup.WaitAsync(wakeAt == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : Rounded(wakeAt - now)).ConfigureAwait(false);
            }
        }
        finally
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await EndAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _wakeup.Dispose();
        _stop.Dispose();
    }

    // One look at everything.
    // Returns when to look again if nobody wakes the loop before.
    private TimeSpan Turn()
    {
        var wakeAt = TimeSpan.MaxValue;
        var now = _clock.Now;
        while (_ended.TryDequeue(out var request))
        {
            _requests.Remove(request);
            _unstored.Take(request, now);
        }

        _shards.Look(now, ref wakeAt, hasRecords: _lanes.Count > 0 || !_listed.IsEmpty, _stop.Token);
        _unstored.Look(now, ref wakeAt);
        if (_lanes.Count > 0)
            _hotKeys.Look(Lanes.Map.Lanes, now);
        while (_listed.TryDequeue(out var lane))
            _lanes.Add(lane);
        var hurry = Volatile.Read(ref _flushes) > 0;
        do
        {
            Collect(now, hurry, ref wakeAt);
        }
        while (TrySend(now, hurry, ref wakeAt));
        _lanes.RemoveAll(static lane => lane.TryUnlist());
        return wakeAt;
    }

    private void Collect(TimeSpan now, bool hurry, ref TimeSpan wakeAt)
    {
        foreach (var lane in _lanes)
        {
            // An aggregate that could not go yet is better filled up.
            var pause = lane.Pace.WaitFor(1, 1, now);
            var couldGo = _plan.MaySend(lane) && lane.Ready.Count == 0 && pause == TimeSpan.Zero && _shards.MaySend;
            var openedAt = lane.Collect(hurry ? TimeSpan.MaxValue : now - _options.MaxBufferedTime, couldGo);
            if (openedAt is { } started && started + _options.TimeToLive <= now)
                openedAt = lane.Collect(now - _options.TimeToLive, whetherOpen: true);
            if (openedAt is { } opened)
            {
                Earlier(ref wakeAt, opened + _options.TimeToLive);
                if (couldGo)
                    Earlier(ref wakeAt, opened + _options.MaxBufferedTime);
                else if (pause > TimeSpan.Zero)
                    Earlier(ref wakeAt, now + pause);
            }

            while (lane.Ready.Count > 0 && lane.Ready[0].StartedAt + _options.TimeToLive <= now)
                _unstored.Expire(lane, now);
            if (lane.Ready.Count > 0)
                Earlier(ref wakeAt, lane.Ready[0].StartedAt + _options.TimeToLive);
        }
    }

    private bool TrySend(TimeSpan now, bool hurry, ref TimeSpan wakeAt)
    {
        if (!_shards.MaySend || _requests.Count >= _options.MaxRequestsInFlight)
            return false;
        if (_unstored.PausedUntil > now)
        {
            Earlier(ref wakeAt, _unstored.PausedUntil);
            return false;
        }

        var lookAt = TimeSpan.MaxValue;
        if (_plan.TryTake(_lanes, now, hurry, ref lookAt) is not { } request)
        {
            Earlier(ref wakeAt, lookAt);
            return false;
        }

        // On a thread of the pool: making the payloads and the body is most of the work.
        _requests.Add(request);
        request.Sending = Task.Run(() => SendAsync(request), CancellationToken.None);
        return true;
    }

    private async Task SendAsync(PutRequest request)
    {
        await _sender.SendAsync(request, _stop.Token).ConfigureAwait(false);
        _ended.Enqueue(request);
        _wakeup.Set();
    }

    private async Task EndAsync()
    {
        await Task.WhenAll(_requests.Select(request => request.Sending)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _shards.EndAsync().ConfigureAwait(false);
        var rest = Lanes.Close();
        while (_ended.TryDequeue(out var request))
            rest.AddRange(request.Records.OfType<OutgoingRecord>());
        rest.AddRange(_unstored.Close());
        foreach (var record in rest)
        {
            _outcomes.Failed(record, which: null, PutFailureReason.Stopped, "The producer was closed before the record got through.");
            record.Release();
        }
    }

    // Timers have milliseconds; a wait that is rounded down would only wake too early.
    private static TimeSpan Rounded(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(wait.TotalMilliseconds), int.MaxValue));

    private static void Earlier(ref TimeSpan time, TimeSpan other)
    {
        if (other < time)
            time = other;
    }
}
