namespace Weir.Log;

/// <summary>Identity of one log inside a store. The owner gives it out and never reuses it.</summary>
public readonly record struct LogId(long Value)
{
    /// <summary>Ten digits, so that names sort by age.</summary>
    public override string ToString() => Value.ToString("D10", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Holds the logs of all streams: one per stream incarnation.</summary>
/// <remarks>Thread-safe. The contract suite <c>LogStoreContract</c> states what every implementation promises.</remarks>
public interface ILogStore : IAsyncDisposable
{
    /// <summary>The logs that exist, in order of id. An owner deletes those that it does not know.</summary>
    IReadOnlyList<LogId> List();

    /// <summary>Opens a log, creating it when it does not exist, and recovers it: what an earlier process acknowledged is there.</summary>
    /// <exception cref="LogCorruptException">Bytes that had been durable are damaged; nothing was cut.</exception>
    Task<IRecordLog> OpenAsync(LogId id, CancellationToken cancellationToken);

    /// <summary>Deletes a closed log and its bytes. Nothing happens when it does not exist.</summary>
    Task DeleteAsync(LogId id, CancellationToken cancellationToken);
}
