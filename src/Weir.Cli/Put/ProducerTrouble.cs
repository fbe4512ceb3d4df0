using Microsoft.Extensions.Logging;
using Weir.Producer;

namespace Weir.Cli.Put;

/// <summary>
/// Keeps the last reason that the producer logged for a request that failed. Records that were never sent, as when the server is gone before its
/// shards are known, have no error of their own. Thread-safe.
/// </summary>
internal sealed class ProducerTrouble : ILogger<KinesisProducer>
{
    private volatile string? _last;

    /// <summary>The reason, or null when nothing went wrong.</summary>
    public string? Last => _last;

    /// <inheritdoc />
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc />
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    /// <inheritdoc />
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && state is IReadOnlyList<KeyValuePair<string, object?>> values)
            _last = values.FirstOrDefault(value => value.Key == "Reason").Value as string ?? _last;
    }
}
