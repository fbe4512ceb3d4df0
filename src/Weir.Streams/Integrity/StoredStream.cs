using Weir.Log.Integrity;
using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.Integrity;

/// <summary>A stream as it lies on the disk: what the catalog says of it, and its log.</summary>
/// <param name="Row">Its catalog entry.</param>
/// <param name="Shards">Its shards that have not expired, in order of number.</param>
/// <param name="Log">Its log; null when it has none, because it is being created or deleted or the log is missing.</param>
public sealed record StoredStream(StreamRow Row, IReadOnlyList<StoredShard> Shards, LogFacts? Log)
{
    internal static StoredStream Of(CatalogStream stream, LogFacts? log) => new(
        stream.Stream,
        [.. stream.Shards.OrderBy(shard => shard.Id).Select(row => new StoredShard(row, log?.Shards.FirstOrDefault(facts => facts.Shard == row.Id.Number)))],
        log);
}

/// <summary>A shard as it lies on the disk.</summary>
/// <param name="Row">Its catalog entry.</param>
/// <param name="Facts">What the log has of it; null when it never had a record and is open.</param>
public sealed record StoredShard(ShardRow Row, ShardFacts? Facts)
{
    /// <summary>The number before every record of the shard.</summary>
    public SequenceNumber StartingSequenceNumber => SequenceNumber.Start(Row.Id, Row.CreatedSeconds);

    /// <summary>The number after every record of the closed shard; null while it is open.</summary>
    public SequenceNumber? EndingSequenceNumber => Row.ClosedAt is { } closed
        ? SequenceNumber.End(Row.Id, Row.CreatedSeconds, Math.Max(Row.CreatedSeconds, closed.ToUnixTimeSeconds()))
        : null;

    /// <summary>The number of the oldest record that is stored; null when none is.</summary>
    public SequenceNumber? OldestRecord => Facts is { FirstTime: { } first } facts ? NumberOf(facts.FirstIndex, first) : null;

    /// <summary>The number of the newest record that is stored; null when none is.</summary>
    public SequenceNumber? NewestRecord => Facts is { LastTime: { } last } facts ? NumberOf(facts.NextIndex - 1, last) : null;

    private SequenceNumber NumberOf(long index, DateTimeOffset time) => new(Row.CreatedSeconds, index, time.ToUnixTimeSeconds(), Row.Id);
}
