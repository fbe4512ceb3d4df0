using Weir.Protocol.Messages;
using Weir.Streams;
using Weir.Streams.Catalog;

namespace Weir.Server.Operations;

/// <summary>The values of a stream as the descriptions and lists of the API show them.</summary>
internal static class StreamMessage
{
    // In the order of the API's list; the stored bits have the same order.
    private static readonly (ShardMetrics Bit, string Name)[] Metrics =
    [
        (ShardMetrics.IncomingBytes, MetricsNames.IncomingBytes),
        (ShardMetrics.IncomingRecords, MetricsNames.IncomingRecords),
        (ShardMetrics.OutgoingBytes, MetricsNames.OutgoingBytes),
        (ShardMetrics.OutgoingRecords, MetricsNames.OutgoingRecords),
        (ShardMetrics.WriteProvisionedThroughputExceeded, MetricsNames.WriteProvisionedThroughputExceeded),
        (ShardMetrics.ReadProvisionedThroughputExceeded, MetricsNames.ReadProvisionedThroughputExceeded),
        (ShardMetrics.IteratorAgeMilliseconds, MetricsNames.IteratorAgeMilliseconds),
    ];

    /// <summary>Who decides on the number of shards.</summary>
    public static StreamModeDetails ModeOf(StreamRow row) =>
        new() { StreamMode = row.Mode == StreamMode.OnDemand ? StreamModes.OnDemand : StreamModes.Provisioned };

    /// <summary>The shard-level metrics that are switched on: always a list of one element, whose own list may be empty.</summary>
    public static IReadOnlyList<EnhancedMetrics> MonitoringOf(StreamRow row) => [new EnhancedMetrics { ShardLevelMetrics = NamesOf(row.ShardMetrics) }];

    /// <summary>Shard-level metrics by their names, in the API's order.</summary>
    public static IReadOnlyList<string> NamesOf(ShardMetrics metrics) =>
        [.. Metrics.Where(metric => metrics.HasFlag(metric.Bit)).Select(metric => metric.Name)];

    /// <summary>Shard-level metrics from their names, which the model has checked; ALL stands for every one.</summary>
    public static ShardMetrics MetricsOf(IEnumerable<string> names) => names.Aggregate(
        ShardMetrics.None,
        (all, name) => all | (name == MetricsNames.All ? ShardMetrics.All : Metrics.Single(metric => metric.Name == name).Bit));

    /// <summary>What decides on a record's shard; only shown of on-demand streams (spec section 7.1).</summary>
    public static string? DistributionOf(StreamRow row) => row.Mode != StreamMode.OnDemand ? null
        : row.Distribution == RecordDistribution.Auto ? RecordDistributionStrategies.Auto
        : RecordDistributionStrategies.UserPartitionKey;

    /// <summary>A distribution as the API spells it; the default when nothing is said.</summary>
    public static RecordDistribution DistributionOf(string? strategy) =>
        strategy == RecordDistributionStrategies.Auto ? RecordDistribution.Auto : RecordDistribution.UserPartitionKey;

    /// <summary>What a stream was warmed up for, and how much of that its shards carry already.</summary>
    public static WarmThroughputObject WarmThroughputOf(DataStream.Snapshot stream) => new()
    {
        TargetMiBps = stream.Row.WarmMibps,
        CurrentMiBps = Math.Min(stream.Row.WarmMibps, stream.Shards.Open.Count),
    };

    /// <summary>Whether new records are encrypted; descriptions say NONE where records and puts say nothing.</summary>
    public static string EncryptionTypeOf(StreamRow row) => row.KeyId is null ? EncryptionTypes.None : EncryptionTypes.Kms;
}
