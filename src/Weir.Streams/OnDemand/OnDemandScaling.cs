using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.OnDemand;

/// <summary>Lets on-demand streams grow and shrink with their traffic, by splits and merges as a client would ask for them.</summary>
/// <remarks>
/// One loop for all streams. It looks once a minute at those that have traffic, once an hour at those that have none and more shards
/// than they begin with, and at no other; with nothing to look at it has no timer. A put on a stream that it does not look at wakes
/// the stream. What a crash interrupts is a split or merge, which the next start finishes; averages begin anew then, and peaks are in the catalog.
/// </remarks>
public sealed partial class OnDemandScaling : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RestInterval = TimeSpan.FromHours(1);

    // A measurement over less says little: one large put would be a high rate.
    private static readonly TimeSpan ShortestMeasurement = Interval / 2;

    private readonly StreamEngine _engine;
    private readonly WritePeakTable _peaks;
    private readonly Transitions _transitions;
    private readonly CancellationToken _stopping;
    private readonly ILogger _logger;
    private readonly BackgroundWork _following;

    // One look at a time. Held across catalog I/O.
    private readonly SemaphoreSlim _turn = new(1, 1);

    // Streams with traffic that no look knows of. Each is in it once at most, for it is not woken again before a look has taken it out.
    private readonly ConcurrentQueue<(DataStream Stream, long Timestamp)> _woken = new();

    // Under _turn. A stream is in one of them, or in none: then nothing but traffic changes anything about it.
    private readonly List<OnDemandStream> _active = [];
    private readonly Dictionary<DataStream, OnDemandStream> _resting = [];
    private long _restLookedAt;

    // Completed while there is something to look at. Replaced under _turn.
    private volatile TaskCompletionSource _work = NewSignal();

    internal OnDemandScaling(StreamEngine engine, WritePeakTable peaks, Transitions transitions, ILogger logger)
    {
        (_engine, _peaks, _transitions, _stopping, _logger) = (engine, peaks, transitions, transitions.Stopping, logger);
        _following = new BackgroundWork(logger);
    }

    /// <summary>Looks at once instead of at the next minute. A measurement still needs its time: one right after another measures nothing.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (_woken.TryDequeue(out var woken))
                Take_NeedsTurn(woken.Stream, woken.Timestamp);
            await LookAt_NeedsTurnAsync([.. _active], cancellationToken).ConfigureAwait(false);
            if (_engine.Time.GetElapsedTime(_restLookedAt) >= RestInterval)
            {
                _restLookedAt = _engine.Time.GetTimestamp();
                await LookAt_NeedsTurnAsync([.. _resting.Values], cancellationToken).ConfigureAwait(false);
            }

            if (_active.Count + _resting.Count > 0)
                return;
            _work = NewSignal();
            // Woken between the loop above and the new signal: the old one was completed, which nobody waits for any more.
            if (!_woken.IsEmpty)
                _work.TrySetResult();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>After <see cref="RunAsync"/> has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _following.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    /// <summary>Looks until the engine stops.</summary>
    internal async Task RunAsync()
    {
        // The look that is to come; null while there is nothing to look at.
        DueWork.Entry? due = null;
        try
        {
            while (true)
            {
                if (!_work.Task.IsCompleted)
                {
                    due?.Dispose();
                    due = null;
                    await _work.Task.WaitAsync(_stopping).ConfigureAwait(false);
                }

                // Waits before it says that nothing is due: who then moves the clock on finds the next look waiting for its time.
                var pause = Task.Delay(Interval, _engine.Time, _stopping);
                if (due is null)
                    due = _transitions.Note(Interval);
                else
                    due.Postpone(Interval);
                await pause.ConfigureAwait(false);
                await LookAsync(_stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The end: a split or merge under way is in the catalog.
            return;
        }
        finally
        {
            due?.Dispose();
        }
    }

    /// <summary>Says that an on-demand stream took records, or that its settings or shards give reason to look. Costs a look at a field when a look is due anyway.</summary>
    internal void Wake(DataStream stream)
    {
        if (!stream.TryWake())
            return;
        _woken.Enqueue((stream, _engine.Time.GetTimestamp()));
        _work.TrySetResult();
    }

    /// <summary>Begins with a stream that becomes on-demand: what it took before says nothing, but for the peaks of an earlier time on-demand.</summary>
    internal static void Adopt(DataStream stream) =>
        stream.OnDemand = new OnDemandStream(stream, stream.OnDemand?.Peaks ?? new WritePeaks([]), fromNow: true);

    /// <summary>Takes over a stream that is opened at the start.</summary>
    internal void Open(DataStream stream, IReadOnlyList<WritePeakRow> peaks)
    {
        stream.OnDemand = new OnDemandStream(stream, new WritePeaks(peaks), fromNow: false);
        // It may have more shards than it needs, and nobody puts.
        if (stream.Current.Row.Mode == StreamMode.OnDemand)
            Wake(stream);
    }

    private void Take_NeedsTurn(DataStream stream, long timestamp)
    {
        _resting.Remove(stream);
        var observed = stream.OnDemand ??= new OnDemandStream(stream, new WritePeaks([]), fromNow: false);
        observed.BeginAt(timestamp);
        // It may be there already when the stream changed its mode to and fro since the last look.
        if (!_active.Contains(observed))
            _active.Add(observed);
    }

    private async Task LookAt_NeedsTurnAsync(IReadOnlyList<OnDemandStream> streams, CancellationToken cancellationToken)
    {
        foreach (var observed in streams)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await LookAt_NeedsTurnAsync(observed).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // One stream's trouble (a failed disk, a deletion meanwhile) must not keep the others small; the next look tries again.
                Log.LookFailed(_logger, exception, observed.Stream.Name.Name);
            }
        }
    }

    private async Task LookAt_NeedsTurnAsync(OnDemandStream observed)
    {
        var stream = observed.Stream;
        if (stream.Current is not { TakesRecords: true, Row.Mode: StreamMode.OnDemand } || !ReferenceEquals(observed, stream.OnDemand))
        {
            Forget_NeedsTurn(observed);
            return;
        }

        var now = _engine.Now();
        if (observed.Measure(_engine.Time, ShortestMeasurement, now) is { } measured && observed.Peaks.Note(measured, now) is { } peak)
        {
            await _peaks.SetAsync(stream.Id, peak, WritePeaks.FirstDay(now), CancellationToken.None).ConfigureAwait(false);
            observed.Peaks.NoteStored(peak);
        }

        await Step_NeedsTurnAsync(observed).ConfigureAwait(false);
        observed.Follow();
        if (observed.IsIdle)
            Rest_NeedsTurn(observed);
    }

    /// <summary>Splits and merges as long as there is reason to and the stream is ACTIVE in between.</summary>
    private async Task Step_NeedsTurnAsync(OnDemandStream observed)
    {
        var stream = observed.Stream;
        var began = false;
        while (stream.Current is { Row: { Status: StreamStatus.Active, Mode: StreamMode.OnDemand } row } && !_stopping.IsCancellationRequested)
        {
            observed.Follow();
            if (!await SplitAsync(observed).ConfigureAwait(false) && !await MergeAsync(observed, row).ConfigureAwait(false))
                return;
            began = true;
        }

        if (began && stream.Current.Row.Status == StreamStatus.Updating && !observed.IsFollowed)
        {
            // The transition takes its time. The next step comes right after it, and other streams need not wait for that.
            observed.IsFollowed = true;
            _following.Start(() => FollowAsync(observed));
        }
    }

    private async Task<bool> SplitAsync(OnDemandStream observed)
    {
        if (OnDemandRule.NextSplit(observed.Shards, _engine.Now()) is not { } hot)
            return false;
        var stream = observed.Stream;
        var outcome = await _engine.Resharding.SplitAsync(stream, hot.Shard.Id, GrowthPlan.Middle(hot.Shard.HashKeys)).ConfigureAwait(false);
        if (outcome == ReshardOutcome.Started)
        {
            Log.Split(_logger, stream.Name.Name, hot.Shard.Id, hot.Load.OfOneShard, (long)hot.Load.BytesPerSecond, (long)hot.Load.RecordsPerSecond);
            observed.LimitTold = false;
        }
        else if (outcome == ReshardOutcome.ShardLimit && !observed.LimitTold)
        {
            Log.ShardLimit(_logger, stream.Name.Name, hot.Shard.Id, hot.Load.OfOneShard, stream.Name.Account, KinesisLimits.MaxShardsPerAccount);
            observed.LimitTold = true;
        }

        return outcome == ReshardOutcome.Started;
    }

    private async Task<bool> MergeAsync(OnDemandStream observed, StreamRow row)
    {
        var now = _engine.Now();
        var floor = OnDemandRule.Floor(row.WarmMibps, observed.Peaks.Highest(now));
        if (OnDemandRule.NextMerge(observed.Shards, floor, now) is not var (lower, upper))
            return false;
        var outcome = await _engine.Resharding.MergeAsync(observed.Stream, lower.Shard.Id, upper.Shard.Id).ConfigureAwait(false);
        if (outcome == ReshardOutcome.Started)
        {
            Log.Merged(
                _logger, observed.Stream.Name.Name, lower.Shard.Id, upper.Shard.Id, OnDemandRule.MergeBelow, OnDemandRule.QuietTime.TotalHours, floor);
        }

        return outcome == ReshardOutcome.Started;
    }

    private async Task FollowAsync(OnDemandStream observed)
    {
        while (observed.Stream.Current is { Row.Status: StreamStatus.Updating } seen)
            await observed.Stream.ChangedSince(seen).WaitAsync(_stopping).ConfigureAwait(false);
        await _turn.WaitAsync(_stopping).ConfigureAwait(false);
        try
        {
            observed.IsFollowed = false;
            await Step_NeedsTurnAsync(observed).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.LookFailed(_logger, exception, observed.Stream.Name.Name);
        }
        finally
        {
            _turn.Release();
        }
    }

    // Without traffic nothing can grow. With more shards than at the beginning merges become due one day; else only traffic changes anything.
    private void Rest_NeedsTurn(OnDemandStream observed)
    {
        var stream = observed.Stream;
        Forget_NeedsTurn(observed);
        if (observed.Shards.Count > OnDemandRule.Minimum(stream.Current.Row.WarmMibps))
            _resting[stream] = observed;
        // A put that came after the measurement and before Forget let the stream sleep did not wake it.
        if (!observed.IsIdle)
            Wake(stream);
    }

    private void Forget_NeedsTurn(OnDemandStream observed)
    {
        _active.Remove(observed);
        _resting.Remove(observed.Stream);
        observed.Stream.Sleep();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(2060, LogLevel.Information,
            "Stream {Name}: splitting {Shard}, which takes {Load:P0} of what a shard may take: {BytesPerSecond} bytes and {RecordsPerSecond} records per second.")]
        public static partial void Split(ILogger logger, string name, ShardId shard, double load, long bytesPerSecond, long recordsPerSecond);

        [LoggerMessage(2061, LogLevel.Information,
            "Stream {Name}: merging {Lower} and {Upper}, which together took less than {Bound:P0} of what a shard may take for {Hours} hours; no fewer than {Floor} shards stay.")]
        public static partial void Merged(ILogger logger, string name, ShardId lower, ShardId upper, double bound, double hours, int floor);

        [LoggerMessage(2062, LogLevel.Warning,
            "Stream {Name}: {Shard} takes {Load:P0} of what a shard may take and is not split, for account {Account} has as many shards as it may: {Limit}.")]
        public static partial void ShardLimit(ILogger logger, string name, ShardId shard, double load, string account, int limit);

        [LoggerMessage(2063, LogLevel.Warning, "Stream {Name}: looking at its traffic failed and is tried again.")]
        public static partial void LookFailed(ILogger logger, Exception exception, string name);
    }
}
