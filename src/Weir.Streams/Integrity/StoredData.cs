namespace Weir.Streams.Integrity;

/// <summary>What lies in a data directory.</summary>
/// <param name="Streams">Its streams, in order of their ids.</param>
/// <param name="DiscardedBytes">Bytes that were trimmed or deleted and still take room, of whatever stream. A server gives it back over time.</param>
public sealed record StoredData(IReadOnlyList<StoredStream> Streams, long DiscardedBytes);
