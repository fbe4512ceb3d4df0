using Weir.Model;

namespace Weir.Streams;

/// <summary>What a stream shall be when it is created. The caller has checked each value.</summary>
/// <param name="Name">Where it shall be.</param>
/// <param name="Shards">Number of shards to begin with, at least 1.</param>
public sealed record NewStream(StreamName Name, int Shards)
{
    /// <summary>Record limit in KiB, in the range of <see cref="KinesisLimits"/>.</summary>
    public int MaxRecordKib { get; init; } = KinesisLimits.MinMaxRecordSizeInKiB;

    /// <summary>Who decides on the number of shards.</summary>
    public StreamMode Mode { get; init; } = StreamMode.Provisioned;

    /// <summary>What decides on a record's shard.</summary>
    public RecordDistribution Distribution { get; init; } = RecordDistribution.UserPartitionKey;

    /// <summary>MiB per second of writes that an on-demand stream shall carry at once; 0 when nothing was asked for.</summary>
    public int WarmMibps { get; init; }

    /// <summary>At most <see cref="KinesisLimits.MaxTags"/>, with legal characters.</summary>
    public StreamTags Tags { get; init; } = StreamTags.None;
}
