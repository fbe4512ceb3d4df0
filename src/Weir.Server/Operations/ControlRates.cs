using System.Collections.Frozen;
using Weir.Model;
using Weir.Protocol;
using Weir.Streams.Throttling;

namespace Weir.Server.Operations;

/// <summary>How often each control operation may be called, by account and region or by stream (spec section 6.3).</summary>
/// <remarks>
/// A bucket holds the calls of one second. Operations on records have rates of their own, by shard; changes of encryption and mode have
/// quotas of a day. Thread-safe.
/// </remarks>
internal sealed class ControlRates(TimeProvider time)
{
    private static readonly FrozenDictionary<KinesisOperation, Rate> Rates = new Dictionary<KinesisOperation, Rate>
    {
        [KinesisOperation.AddTagsToStream] = OfAccount(KinesisLimits.AddTagsToStreamPerSecond),
        [KinesisOperation.RemoveTagsFromStream] = OfAccount(KinesisLimits.RemoveTagsFromStreamPerSecond),
        [KinesisOperation.TagResource] = OfAccount(KinesisLimits.TagResourcePerSecond),
        [KinesisOperation.UntagResource] = OfAccount(KinesisLimits.UntagResourcePerSecond),
        [KinesisOperation.ListTagsForResource] = OfAccount(KinesisLimits.ListTagsForResourcePerSecond),
        [KinesisOperation.CreateStream] = OfAccount(KinesisLimits.CreateStreamPerSecond),
        [KinesisOperation.DeleteStream] = OfAccount(KinesisLimits.DeleteStreamPerSecond),
        [KinesisOperation.ListStreams] = OfAccount(KinesisLimits.ListStreamsPerSecond),
        [KinesisOperation.DescribeLimits] = OfAccount(KinesisLimits.DescribeLimitsPerSecond),
        [KinesisOperation.DescribeStream] = OfAccount(KinesisLimits.DescribeStreamPerSecond),
        [KinesisOperation.DescribeStreamSummary] = OfAccount(KinesisLimits.DescribeStreamSummaryPerSecond),
        [KinesisOperation.UpdateShardCount] = OfAccount(KinesisLimits.UpdateShardCountPerSecond),
        [KinesisOperation.UpdateStreamWarmThroughput] = OfAccount(KinesisLimits.UpdateStreamWarmThroughputPerSecond),
        [KinesisOperation.DescribeAccountSettings] = OfAccount(KinesisLimits.DescribeAccountSettingsPerSecond),
        [KinesisOperation.UpdateAccountSettings] = OfAccount(KinesisLimits.UpdateAccountSettingsPerSecond),
        [KinesisOperation.UpdateMaxRecordSize] = OfAccount(KinesisLimits.UpdateMaxRecordSizePerSecond),
        [KinesisOperation.UpdateStreamRecordDistributionStrategy] = OfAccount(KinesisLimits.UpdateStreamRecordDistributionStrategyPerSecond),
        [KinesisOperation.PutResourcePolicy] = OfAccount(KinesisLimits.PutResourcePolicyPerSecond),
        [KinesisOperation.GetResourcePolicy] = OfAccount(KinesisLimits.GetResourcePolicyPerSecond),
        [KinesisOperation.DeleteResourcePolicy] = OfAccount(KinesisLimits.DeleteResourcePolicyPerSecond),
        [KinesisOperation.CreateChannel] = OfAccount(KinesisLimits.CreateChannelPerSecond),
        [KinesisOperation.DescribeChannel] = OfAccount(KinesisLimits.DescribeChannelPerSecond),
        [KinesisOperation.UpdateChannel] = OfAccount(KinesisLimits.UpdateChannelPerSecond),
        [KinesisOperation.DeleteChannel] = OfAccount(KinesisLimits.DeleteChannelPerSecond),
        [KinesisOperation.ListChannels] = OfAccount(KinesisLimits.ListChannelsPerSecond),

        [KinesisOperation.ListTagsForStream] = OfStream(KinesisLimits.ListTagsForStreamPerSecond),
        [KinesisOperation.DescribeStreamConsumer] = OfStream(KinesisLimits.DescribeStreamConsumerPerSecond),
        [KinesisOperation.ListShards] = OfStream(KinesisLimits.ListShardsPerSecond),
        [KinesisOperation.ListStreamConsumers] = OfStream(KinesisLimits.ListStreamConsumersPerSecond),
        [KinesisOperation.RegisterStreamConsumer] = OfStream(KinesisLimits.RegisterStreamConsumerPerSecond),
        [KinesisOperation.DeregisterStreamConsumer] = OfStream(KinesisLimits.DeregisterStreamConsumerPerSecond),
        [KinesisOperation.MergeShards] = OfStream(KinesisLimits.MergeShardsPerSecond),
        [KinesisOperation.SplitShard] = OfStream(KinesisLimits.SplitShardPerSecond),
        [KinesisOperation.IncreaseStreamRetentionPeriod] = OfStream(KinesisLimits.IncreaseStreamRetentionPeriodPerSecond),
        [KinesisOperation.DecreaseStreamRetentionPeriod] = OfStream(KinesisLimits.DecreaseStreamRetentionPeriodPerSecond),
        [KinesisOperation.EnableEnhancedMonitoring] = OfStream(KinesisLimits.EnableEnhancedMonitoringPerSecond),
        [KinesisOperation.DisableEnhancedMonitoring] = OfStream(KinesisLimits.DisableEnhancedMonitoringPerSecond),
    }.ToFrozenDictionary();

    private readonly CallThrottle _calls = new(time);

    /// <summary>Counts a call.</summary>
    /// <param name="operation">What is called.</param>
    /// <param name="context">For which account and region.</param>
    /// <param name="target">On which stream; it need not exist.</param>
    /// <returns>Null, or the refusal of a call that comes too early; it does not count.</returns>
    public KinesisError? Examine(KinesisOperation operation, OperationContext context, RequestTarget target)
    {
        if (!Rates.TryGetValue(operation, out var rate))
            return null;
        // A request by page token names no stream: such calls of an account count together.
        var key = rate.ByStream && target.Stream is { } stream
            ? new CallKey(operation.Name, stream.Account, stream.Region, stream.Name)
            : new CallKey(operation.Name, context.Account, context.Region, Stream: null);
        if (_calls.TryTake(key, rate.PerSecond))
            return null;
        return target.Stream is { } named ? KinesisErrors.StreamRateExceeded(named) : KinesisErrors.RateExceeded;
    }

    private static Rate OfAccount(int perSecond) => new(perSecond, ByStream: false);

    private static Rate OfStream(int perSecond) => new(perSecond, ByStream: true);

    private readonly record struct Rate(int PerSecond, bool ByStream);
}
