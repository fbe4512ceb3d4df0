using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>Logs on disk: one directory for each log, segment files in it. Format: docs/formats/segment.md.</summary>
/// <remarks>Thread-safe. The directory belongs to one store at a time; whoever opens the store sees to that.</remarks>
public sealed class SegmentedLogStore : ILogStore
{
    private readonly ILogDirectory _directory;
    private readonly StoreContext _context;
    private readonly ICommitScheduler _scheduler;

    // A null value keeps the place of a log that is being opened or deleted.
    private readonly ConcurrentDictionary<LogId, SegmentedLog?> _logs = new();
    private bool _disposed;

    /// <summary>Opens a store on a directory, with threads of its own for commits.</summary>
    /// <param name="directory">Holds the logs' directories.</param>
    /// <param name="options">Validated here.</param>
    /// <param name="time">Stamps the records and runs the timers.</param>
    /// <param name="loggers">For what operators should know, such as a tail that was cut.</param>
    /// <param name="meters">Makes the meter <c>Weir.Log</c>; without it the meter is one of its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SegmentedLogStore(
        ILogDirectory directory, LogOptions options, TimeProvider time, ILoggerFactory loggers, IMeterFactory? meters = null)
        : this(directory, options, time, loggers, new CommitScheduler(), meters)
    {
    }

    /// <summary>As the other constructor, with a scheduler that decides when commits run: for simulations. The store disposes it.</summary>
    public SegmentedLogStore(
        ILogDirectory directory, LogOptions options, TimeProvider time, ILoggerFactory loggers, ICommitScheduler scheduler, IMeterFactory? meters = null)
    {
        options.Validate();
        (_directory, _scheduler) = (directory, scheduler);
        var logger = loggers.CreateLogger<SegmentedLogStore>();
        var room = new RoomRelease(directory, scheduler, logger);
        _context = new StoreContext(options, time, logger, new LogMetrics(meters, time, () => room.DiscardedBytes), room);
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogId> List() => _directory.ListDirectories()
        .Select(name => long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && new LogId(id).ToString() == name ? id : -1)
        .Where(id => id >= 0)
        .Order()
        .Select(id => new LogId(id))
        .ToArray();

    /// <inheritdoc/>
    /// <remarks>Recovers on the calling thread; different logs open in parallel.</remarks>
    /// <exception cref="InvalidOperationException">The log is open already.</exception>
    public Task<IRecordLog> OpenAsync(LogId id, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Task.FromResult<IRecordLog>(Open(id));
        }
        catch (Exception e)
        {
            return Task.FromException<IRecordLog>(e);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The log is gone at once; its room is given back over time, and not while readers are at it.</remarks>
    /// <exception cref="InvalidOperationException">The log is open.</exception>
    public async Task DeleteAsync(LogId id, CancellationToken cancellationToken)
    {
        // Nothing to wait for: a directory leaves in one go, and one that a crash brings back is listed again and deleted by its owner.
        await Task.CompletedTask.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        if (!_logs.TryAdd(id, null))
            throw new InvalidOperationException($"Log {id} is open and cannot be deleted.");
        try
        {
            _context.Room.Discard(id);
        }
        finally
        {
            _logs.TryRemove(id, out _);
        }
    }

    /// <summary>Closes the logs that are still open, then ends the threads; room that is not given back yet waits for the next start. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        await Task.WhenAll(_logs.Values.Where(log => log is not null).Select(log => log!.DisposeAsync().AsTask())).ConfigureAwait(false);
        _scheduler.Dispose();
    }

    /// <summary>The sealed segments of the logs that are open, log by log, oldest first.</summary>
    internal IEnumerable<(LogId Log, ILogDirectory Directory, Segment Segment)> SealedSegments() =>
        from entry in _logs.ToArray().OrderBy(entry => entry.Key.Value)
        where entry.Value is not null
        from segment in entry.Value.SealedSegments
        select (entry.Key, entry.Value.Directory, segment);

    private SegmentedLog Open(LogId id)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        if (!_logs.TryAdd(id, null))
            throw new InvalidOperationException($"Log {id} is open.");
        try
        {
            var context = new LogContext(id, _directory.OpenDirectory(id.ToString()), _context);
            var log = new SegmentedLog(context, _context, _scheduler, closed: id => _logs.TryRemove(id, out _));
            _logs[id] = log;
            LogMessages.Opened(_context.Logger, id, context.Segments.ToArray().Length + 1, context.Shards.All.Count(), context.StoredBytes);
            return log;
        }
        catch
        {
            _logs.TryRemove(id, out _);
            throw;
        }
    }
}
