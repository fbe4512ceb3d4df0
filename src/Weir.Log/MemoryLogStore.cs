using System.Collections.Concurrent;

namespace Weir.Log;

/// <summary>Logs in memory, for tests and demos: the same promises while the store lives, and nothing afterwards.</summary>
/// <remarks>Thread-safe. A log that is closed keeps its records until it is deleted, so that it can be opened again.</remarks>
public sealed class MemoryLogStore : ILogStore
{
    private readonly ConcurrentDictionary<LogId, MemoryLog> _logs = new();
    private readonly TimeProvider _time;
    private readonly ByteBudget _budget;

    /// <summary>Creates an empty store.</summary>
    /// <param name="options">Only <see cref="LogOptions.MemoryBytes"/> matters: the bound of all logs together.</param>
    /// <param name="time">Stamps the records.</param>
    public MemoryLogStore(LogOptions options, TimeProvider time)
    {
        options.Validate();
        (_time, _budget) = (time, new ByteBudget(options.MemoryBytes));
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogId> List() => [.. _logs.Keys.OrderBy(id => id.Value)];

    /// <inheritdoc/>
    public Task<IRecordLog> OpenAsync(LogId id, CancellationToken cancellationToken)
    {
        var log = _logs.GetOrAdd(id, id => new MemoryLog(id, _time, _budget));
        return log.TryOpen()
            ? Task.FromResult<IRecordLog>(log)
            : Task.FromException<IRecordLog>(new InvalidOperationException($"Log {id} is open."));
    }

    /// <inheritdoc/>
    public Task DeleteAsync(LogId id, CancellationToken cancellationToken)
    {
        if (!_logs.TryGetValue(id, out var log))
            return Task.CompletedTask;
        if (!log.TryOpen())
            return Task.FromException(new InvalidOperationException($"Log {id} is open and cannot be deleted."));
        _logs.TryRemove(id, out _);
        log.Clear();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var log in _logs.Values)
            await log.DisposeAsync().ConfigureAwait(false);
    }
}
