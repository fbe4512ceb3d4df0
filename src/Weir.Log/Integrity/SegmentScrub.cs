// Disks forget bits of what nobody reads. This reads everything that is sealed again and again, slowly, so that damage is known while a backup that
// is still whole exists. One segment at a time, and one read at a time: what it takes from the disk is bounded by its pace, whatever the store holds.
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Weir.Log.Storage;

namespace Weir.Log.Integrity;

/// <summary>Checks the sealed segments of a store in the background, each once in an interval.</summary>
/// <remarks>Thread-safe. Damage is logged once for each place, counted, and listed in <see cref="Damaged"/>; readers and writers go on.</remarks>
public sealed class SegmentScrub : IAsyncDisposable
{
    /// <summary>Least value of the interval, but for zero.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMinutes(1);

    /// <summary>Greatest value of the interval; keeps clear of what a timer can count.</summary>
    public static readonly TimeSpan MaxInterval = TimeSpan.FromDays(30);

    /// <summary>The interval when nothing else is said.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromDays(7);

    // 8 MiB/s: some 2 % of a disk that does 400 MB/s. 2 TB take three days, well within the default interval.
    internal const long BytesPerSecond = 8 * 1024 * 1024;

    // 1 MiB between two pauses: what a single read of the disk takes anyway, 3 ms of it.
    private const long StepBytes = 1024 * 1024;

    // 64 KiB: what opening a file and finding its footer costs, in bytes of the pace; thousands of small segments have a pace as well.
    internal const long SegmentCostBytes = 64 * 1024;

    // A server that has just started has better things to do.
    internal static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);

    private readonly SegmentedLogStore _store;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Counter<long> _segments;
    private readonly Counter<long> _bytes;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    // Replaced by the loop only, read by anyone.
    private volatile IReadOnlyDictionary<string, LogFinding> _damaged = new Dictionary<string, LogFinding>();

    private SegmentScrub(SegmentedLogStore store, TimeSpan interval, TimeProvider time, ILoggerFactory loggers, IMeterFactory meters)
    {
        (_store, _interval, _time, _logger) = (store, interval, time, loggers.CreateLogger<SegmentScrub>());
        var meter = meters.Create(LogMetrics.MeterName);
        _segments = meter.CreateCounter<long>("weir.log.scrub.segments", "{segment}", "Sealed segments that were checked in the background.");
        _bytes = meter.CreateCounter<long>("weir.log.scrub.size", "By", "Bytes of the sealed segments that were checked in the background.");
        meter.CreateObservableUpDownCounter(
            "weir.log.scrub.damaged", () => _damaged.Count, "{segment}", "Sealed segments that were damaged when they were last checked.");
        _loop = interval == TimeSpan.Zero ? Task.CompletedTask : RunAsync(_stopping.Token);
    }

    /// <summary>The segments that were damaged when they were last checked, by file, each with the first thing that is wrong with it.</summary>
    public IReadOnlyDictionary<string, LogFinding> Damaged => _damaged;

    /// <summary>Begins.</summary>
    /// <param name="store">The store; has to outlive the scrub.</param>
    /// <param name="interval">How long a round over all segments takes at least; zero checks nothing. One minute to 30 days.</param>
    /// <param name="time">The clock that sets the pace.</param>
    /// <param name="loggers">Where damage is told.</param>
    /// <param name="meters">Makes the instruments, of the meter <c>Weir.Log</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is out of its range.</exception>
    public static SegmentScrub Start(SegmentedLogStore store, TimeSpan interval, TimeProvider time, ILoggerFactory loggers, IMeterFactory meters)
    {
        Validate(interval);
        return new SegmentScrub(store, interval, time, loggers, meters);
    }

    /// <summary>Checks an interval.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of its range.</exception>
    public static void Validate(TimeSpan interval)
    {
        if (interval != TimeSpan.Zero && (interval < MinInterval || interval > MaxInterval))
            throw new ArgumentOutOfRangeException(nameof(interval), interval, $"The scrub interval is {interval}; it must be zero, or from one minute to 30 days.");
    }

    /// <summary>Stops: the read that is under way is finished, and nothing is begun.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(FirstPause < _interval ? FirstPause : _interval, _time, cancellationToken).ConfigureAwait(false);
            while (true)
            {
                var began = _time.GetTimestamp();
                await CheckAllAsync(cancellationToken).ConfigureAwait(false);
                // A round that took longer than the interval is followed by the next at once: as often as the pace allows.
                if (_interval - _time.GetElapsedTime(began) is var rest && rest > TimeSpan.Zero)
                    await Task.Delay(rest, _time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end: nothing is half done, since nothing is changed.
            return;
        }
    }

    private async Task CheckAllAsync(CancellationToken cancellationToken)
    {
        var all = _store.SealedSegments().ToArray();
        // What is gone needs no attention any more.
        var files = all.Select(entry => entry.Segment.Path).ToHashSet(StringComparer.Ordinal);
        Replace(_damaged.Where(entry => files.Contains(entry.Key)));
        foreach (var (log, directory, segment) in all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await CheckAsync(log, directory, segment, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Trimmed or deleted since the round began.
                continue;
            }
            catch (IOException) when (segment.IsLetGo)
            {
                // And being cut already.
                continue;
            }
            catch (IOException e)
            {
                LogMessages.SegmentNotChecked(_logger, segment.Path, e);
            }
        }
    }

    private async Task CheckAsync(LogId id, ILogDirectory directory, Segment segment, CancellationToken cancellationToken)
    {
        var log = new LogAudit();
        using (var file = directory.OpenRead(segment.Name, fromDisk: true))
        {
            using var check = new SegmentCheck(file, segment, id, isSealed: true, nextBase: null, log);
            bool more;
            do
            {
                var from = check.Position;
                more = check.Advance(StepBytes);
                var bytes = more ? check.Position - from : Math.Max(0, file.Length - from);
                _bytes.Add(bytes);
                // Whole milliseconds are all that a delay knows; upwards, or short ones would be none.
                var milliseconds = Math.Ceiling((bytes + (more ? 0 : SegmentCostBytes)) * 1000.0 / BytesPerSecond);
                await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), _time, cancellationToken).ConfigureAwait(false);
            }
            while (more);
        }

        // Trimmed under the check: what is cut is not damaged.
        if (segment.IsLetGo)
            return;
        _segments.Add(1);
        Judge(segment, log.Findings.ToArray().Where(finding => finding.Kind == FindingKind.Damage).ToArray());
    }

    private void Judge(Segment segment, LogFinding[] damage)
    {
        var known = _damaged.GetValueOrDefault(segment.Path);
        if (damage.Length == 0)
        {
            if (known is not null)
                LogMessages.SegmentWhole(_logger, segment.Path);
            Replace(_damaged.Where(entry => entry.Key != segment.Path));
            return;
        }

        // Once a segment, not once a round: who has been told knows, and the metric goes on saying it.
        if (known is null)
        {
            foreach (var finding in damage)
                LogMessages.SegmentDamaged(_logger, finding.File, finding.Offset, finding.Expected, finding.Found, finding.Meaning, Describe(finding), finding.Advice);
        }

        Replace(_damaged.Where(entry => entry.Key != segment.Path).Append(KeyValuePair.Create(segment.Path, damage[0])));
    }

    private static string Describe(LogFinding finding) => finding.Affected.Count == 0
        ? "No record is known to be affected."
        : "Affected: " + string.Join(", ", finding.Affected.Select(records => $"shard {records.Shard}, records {records.FirstIndex} to {records.LastIndex}")) + ".";

    private void Replace(IEnumerable<KeyValuePair<string, LogFinding>> entries) => _damaged = new Dictionary<string, LogFinding>(entries, StringComparer.Ordinal);
}
