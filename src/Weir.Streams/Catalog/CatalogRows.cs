using Weir.Log;
using Weir.Model;

namespace Weir.Streams.Catalog;

/// <summary>A stream as the catalog has it.</summary>
/// <param name="Id">Identity of this incarnation and of its log; never reused.</param>
/// <param name="Name">Account, region and name.</param>
/// <param name="Status">Where in its life the stream is.</param>
/// <param name="CreatedAt">When CreateStream was accepted.</param>
/// <param name="RetentionHours">24 to 8760.</param>
/// <param name="TrimmedBefore">What arrived before this had expired when the retention was last changed, and stays out of reach.</param>
/// <param name="MaxRecordKib">Record limit in KiB.</param>
/// <param name="InitialShards">Number of shards to open with.</param>
/// <param name="NextShard">Number of the next shard.</param>
/// <param name="Version">Grows with every change; a change names the version that it saw.</param>
public sealed record StreamRow(
    LogId Id,
    StreamName Name,
    StreamStatus Status,
    DateTimeOffset CreatedAt,
    int RetentionHours,
    DateTimeOffset TrimmedBefore,
    int MaxRecordKib,
    int InitialShards,
    int NextShard,
    long Version)
{
    /// <summary>Who decides on the number of shards.</summary>
    public StreamMode Mode { get; init; } = StreamMode.Provisioned;

    /// <summary>What decides on a record's shard.</summary>
    public RecordDistribution Distribution { get; init; } = RecordDistribution.UserPartitionKey;

    /// <summary>MiB per second of writes that an on-demand stream has to carry at once; 0 when nothing was asked for.</summary>
    public int WarmMibps { get; init; }

    /// <summary>The key that new records are encrypted with, as the caller named it; null for a stream that is not encrypted.</summary>
    public string? KeyId { get; init; }

    /// <summary>The shard-level metrics that are switched on.</summary>
    public ShardMetrics ShardMetrics { get; init; }
}

/// <summary>A reader by enhanced fan-out as the catalog has it. See <see cref="Consumers.StreamConsumer"/>.</summary>
public sealed record ConsumerRow(
    long Id, string Name, Consumers.ConsumerStatus Status, DateTimeOffset CreatedAt, string? Policy);

/// <summary>A split or merge that was accepted and has to be finished, whatever happens in between.</summary>
/// <param name="Parent">The shard to split, or the lower one of a merge.</param>
/// <param name="Adjacent">The upper shard of a merge; null for a split.</param>
/// <param name="SplitAt">Where the upper child starts; null for a merge.</param>
public sealed record ReshardRow(ShardId Parent, ShardId? Adjacent, HashKey? SplitAt);

/// <summary>A stream with everything that belongs to it, as read when the engine starts.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Shards">Its shards, in no order.</param>
/// <param name="Reshard">The split or merge that was not finished.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="ScalingTarget">The number of shards that an unfinished scaling leads to.</param>
/// <param name="QuotaUses">What its rolling quotas count, in order of time.</param>
public sealed record CatalogStream(
    StreamRow Stream, IReadOnlyList<ShardRow> Shards, ReshardRow? Reshard, StreamTags Tags, int? ScalingTarget, IReadOnlyList<QuotaUse> QuotaUses)
{
    /// <summary>The resource policy.</summary>
    public string? Policy { get; init; }

    /// <summary>Its consumers with their tags, in no order.</summary>
    public IReadOnlyList<(ConsumerRow Consumer, StreamTags Tags)> Consumers { get; init; } = [];

    /// <summary>Its greatest write rates, in no order.</summary>
    public IReadOnlyList<WritePeakRow> WritePeaks { get; init; } = [];
}

/// <summary>The greatest write rate of an on-demand stream on one day.</summary>
/// <param name="Day">Days since 1970, in UTC.</param>
/// <param name="BytesPerSecond">The rate; see <see cref="OnDemand.WritePeaks"/> for how records count in it.</param>
public readonly record struct WritePeakRow(int Day, long BytesPerSecond);

/// <summary>A shard as the catalog has it. See <see cref="Shard"/> for the meaning of each value.</summary>
public sealed record ShardRow(
    ShardId Id,
    HashKeyRange HashKeys,
    ShardId? Parent,
    ShardId? AdjacentParent,
    long CreatedSeconds,
    DateTimeOffset OpenedAt,
    DateTimeOffset? ClosedAt);

/// <summary>Somebody else changed the stream since it was read. Nothing has changed.</summary>
public sealed class CatalogConflictException(StreamName stream, long version)
    : Exception($"The catalog's entry of {stream} is no longer at version {version}.");
