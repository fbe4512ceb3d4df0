// Why not just delete. A file system frees the blocks of a deleted file in its next journal commit, and where it tells the disk of each (ext4 mounted with discard) that
// commit takes 14 ms for 64 MiB: an append's fsync waits for it. So what is given up only loses its name, which is cheap, and its room is given back in small
// steps (docs/adr/0025-room-is-given-back-over-time.md). Failure policy: nothing here ends a log or this work. What fails is told once, passed over, and tried again later.
using Microsoft.Extensions.Logging;
using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>
/// Takes the files that logs have given up: moves them out of sight at once, and gives their room back over time, one file after the other,
/// from its end. One for all logs of a store.
/// </summary>
/// <remarks>
/// Thread-safe; one step at a time. In memory are the names of one listing, at most <see cref="MaxNames"/>. What comes meanwhile is on the disk, where the
/// next listing finds it, of this process or of a later one.
/// </remarks>
internal sealed class RoomRelease : IPacedWork
{
    /// <summary>8 MiB: cutting so much holds up an fsync for 3 ms at most.</summary>
    internal const long StepBytes = 8 * 1024 * 1024;

    /// <summary>25 ms between two steps at most: 320 MB/s, about what a disk takes in appends. Less when more is written, and the same step: a larger one could be felt.</summary>
    internal static readonly TimeSpan StepPause = TimeSpan.FromMilliseconds(25);

    // 8 GB/s: nothing is written faster.
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(1);

    /// <summary>10 s after a failure: long enough for a cause that passes, and for a disk that is busy with errors.</summary>
    internal static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(10);

    // 256 KiB: what opening and deleting a file costs, in bytes of a step. Thousands of small files have a pace as well, 32 of them a step.
    private const long FileCostBytes = 256 * 1024;

    // 64 GiB of whole segments: listings are rare, and a name costs nothing.
    private const int MaxNames = 1024;

    private readonly ILogDirectory _logs;
    private readonly ICommitScheduler _scheduler;
    private readonly ILogger _logger;

    // Held across a move and across a listing, so that a file is counted by one of the two. No commit and no reader waits for it.
    private readonly Lock _gate = new();

    // Also changed by the step, without the gate.
    private long _discardedBytes;

    // Under the gate. Moved, and not durably yet: a crash could bring them back under their old name, and then they have to be whole. One for each
    // log at most, and for good only where the sync failed.
    private readonly HashSet<string> _unsynced = new(StringComparer.Ordinal);

    // Under the gate. False while names may be found whose move is not durable: of an earlier process, or after a failed sync.
    private bool _isSettled;

    // Since the last step. Added to by commits, taken by the step.
    private long _writtenBytes;
    private volatile bool _isShort;

    // The step's own, to the end.
    private readonly Queue<DiscardedFile> _names = new();
    private Cutting? _cutting;
    private TimeSpan _pause = StepPause;
    private int _failures;
    private bool _isTold;

    /// <summary>Begins with what earlier processes have left.</summary>
    /// <param name="logs">The directory that the logs are in.</param>
    /// <param name="scheduler">Sets the pace.</param>
    /// <param name="logger">Where trouble is told.</param>
    public RoomRelease(ILogDirectory logs, ICommitScheduler scheduler, ILogger logger)
    {
        (_logs, _scheduler, _logger) = (logs, scheduler, logger);
        Held = new HeldFiles(Ask);
        Ask();
    }

    private sealed record DiscardedFile(ILogDirectory Directory, string Name, string HeldName);

    private sealed record Cutting(DiscardedFile What, ILogFile File)
    {
        public long Length { get; set; } = File.Length;
    }

    /// <summary>The files that may not be cut yet, because they are read.</summary>
    public HeldFiles Held { get; }

    /// <summary>Bytes of everything that is given up and still there.</summary>
    public long DiscardedBytes => Interlocked.Read(ref _discardedBytes);

    /// <summary>True from a refusal for want of room until some was found again. Set by commits: while they are refused there is nobody to spare.</summary>
    public bool IsShort
    {
        set => _isShort = value;
    }

    /// <summary>Bytes were written to a log: as many, and more, have to be given back meanwhile.</summary>
    public void Wrote(long bytes) => Interlocked.Add(ref _writtenBytes, bytes);

    /// <summary>Takes a segment's file out of its log. When the log's directory is synced, <see cref="Release"/> follows.</summary>
    public void Discard(ILogDirectory log, Segment segment)
    {
        lock (_gate)
        {
            try
            {
                log.Move(segment.Name, _logs.OpenDirectory(DiscardedName.Directory), segment.DiscardedName);
                Interlocked.Add(ref _discardedBytes, segment.StoredBytes);
                _unsynced.Add(segment.DiscardedName);
            }
            catch (FileNotFoundException)
            {
                // Moved by an earlier call, whose sync failed, or deleted by somebody else: it is out of the log.
            }
            catch (StorageFullException)
            {
                // Not even room for a name. Whom a deletion could hold up is being refused anyway.
                log.Delete(segment.Name);
            }
        }
    }

    /// <summary>The segment's file is out of its log for good: its room may be given back.</summary>
    public void Release(Segment segment)
    {
        lock (_gate)
            _unsynced.Remove(segment.DiscardedName);
        Ask();
    }

    /// <summary>Between two segments of a log: the sync of a move is a commit of the file system's journal, and many of them in a row hold up appends as well.</summary>
    public void Rest(CancellationToken cancellationToken)
    {
        if (!_isShort)
            _scheduler.Rest(StepPause, cancellationToken);
    }

    /// <summary>Takes a whole log that is closed, durably. Nothing happens when it does not exist.</summary>
    public void Discard(LogId log)
    {
        var name = log.ToString();
        lock (_gate)
        {
            _isSettled = false;
            if (_logs.ListDirectories().Contains(name))
                Move_NeedsLock(name);
            // Also when it is gone already: by an earlier call, whose sync failed.
            _logs.Sync();
            _isSettled = true;
        }

        Ask();
    }

    /// <inheritdoc/>
    public TimeSpan? Step()
    {
        try
        {
            var written = Interlocked.Exchange(ref _writtenBytes, 0);
            if (_cutting is null && _names.Count == 0)
            {
                if (!Look())
                    return null;
                // Since a time when there was nothing to give back: that is no measure.
                written = 0;
            }

            _pause = PauseAfter(written);
            for (var budget = StepBytes; budget > 0 && (_cutting is not null || _names.Count > 0);)
                budget -= FileCostBytes + Cut(budget);
        }
        catch (Exception e)
        {
            Fail(e);
        }

        // At the end of a round, so that one file that fails does not keep the others.
        if (_failures > 0 && _cutting is null && _names.Count == 0)
            return RetryPause;
        return _isShort ? TimeSpan.Zero : _pause;
    }

    // So that twice as much comes back as is written meanwhile: room never runs out because this is slow.
    private TimeSpan PauseAfter(long written)
    {
        var pause = written > 0 ? _pause * (StepBytes / (2.0 * written)) : StepPause;
        return pause < LeastPause ? LeastPause : pause > StepPause ? StepPause : pause;
    }

    private void Ask() => _scheduler.Pace(this);

    private void Move_NeedsLock(string name)
    {
        try
        {
            var to = _logs.OpenDirectory(DiscardedName.Directory);
            _logs.MoveDirectory(name, to, name);
            var directory = to.OpenExistingDirectory(name);
            Interlocked.Add(ref _discardedBytes, directory.ListFiles().Sum(directory.LengthOf));
        }
        catch (StorageFullException)
        {
            // As with a segment. Nothing when it was the counting that had no handle: then the next listing counts.
            _logs.DeleteDirectory(name);
        }
    }

    /// <summary>Lists what is there.</summary>
    /// <returns>False when there is nothing to do.</returns>
    private bool Look()
    {
        lock (_gate)
        {
            var (bytes, listed) = (0L, new List<DiscardedFile>());
            if (_logs.ListDirectories().Contains(DiscardedName.Directory))
            {
                var discarded = _logs.OpenExistingDirectory(DiscardedName.Directory);
                listed.AddRange(discarded.ListFiles().Select(name => new DiscardedFile(discarded, name, name)));
                foreach (var log in discarded.ListDirectories())
                    Look(discarded, log, listed);
                if (!_isSettled)
                    Settle_NeedsLock(listed);
                bytes = listed.Sum(file => file.Directory.LengthOf(file.Name));
            }

            _isSettled = true;
            Interlocked.Exchange(ref _discardedBytes, bytes);
            foreach (var file in listed.Where(file => !_unsynced.Contains(file.Name) && !Held.Contains(file.HeldName)).OrderBy(file => file.HeldName, StringComparer.Ordinal).Take(MaxNames))
                _names.Enqueue(file);
        }

        if (_isTold && (_failures == 0 || _names.Count == 0))
        {
            LogMessages.ReleaseGoesOn(_logger);
            _isTold = false;
        }

        _failures = 0;
        return _names.Count > 0;
    }

    private static void Look(ILogDirectory discarded, string log, List<DiscardedFile> listed)
    {
        var directory = discarded.OpenExistingDirectory(log);
        var files = directory.ListFiles();
        listed.AddRange(files.Select(name => new DiscardedFile(directory, name, DiscardedName.Of(log, name))));
        // Emptied by the rounds before.
        if (files.Count == 0)
            discarded.DeleteDirectory(log);
    }

    // A file is not cut before it has lost its old name for good: a crash must not leave half of it under that.
    private void Settle_NeedsLock(List<DiscardedFile> listed)
    {
        var logs = _logs.ListDirectories();
        foreach (var log in listed.Select(file => DiscardedName.LogOf(file.Name)).Distinct().Intersect(logs))
            _logs.OpenExistingDirectory(log).Sync();
        _logs.Sync();
    }

    /// <summary>Cuts the present file, or the next one, and deletes it when nothing is left.</summary>
    /// <returns>The number of bytes given back.</returns>
    private long Cut(long most)
    {
        var cutting = _cutting ??= Open(_names.Dequeue());
        if (cutting is null)
            return 0;
        var bytes = Math.Min(most, cutting.Length);
        if (bytes > 0)
            cutting.File.Truncate(cutting.Length - bytes);
        cutting.Length -= bytes;
        Interlocked.Add(ref _discardedBytes, -bytes);
        if (cutting.Length > 0)
            return bytes;
        // Closed first: the last to close a deleted file waits for the file system to forget it.
        Close();
        cutting.What.Directory.Delete(cutting.What.Name);
        return bytes;
    }

    private static Cutting? Open(DiscardedFile what)
    {
        try
        {
            return new Cutting(what, what.Directory.Open(what.Name));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Somebody else was faster, which is fine with a file that nobody wants. The next listing counts it no more.
            return null;
        }
    }

    private void Fail(Exception e)
    {
        Close();
        _failures++;
        if (!_isTold)
            LogMessages.ReleaseFailed(_logger, e);
        _isTold = true;
    }

    private void Close()
    {
        _cutting?.File.Dispose();
        _cutting = null;
    }
}
