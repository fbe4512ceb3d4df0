namespace Weir.Model;

// Calls per second of the control operations. "An account" is an account in one region. Where the API page and the developer guide
// disagree, the more generous one counts.
public static partial class KinesisLimits
{
    /// <summary>AddTagsToStream calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int AddTagsToStreamPerSecond = 5;

    /// <summary>RemoveTagsFromStream calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int RemoveTagsFromStreamPerSecond = 5;

    /// <summary>ListTagsForStream calls per second for a stream. Source: spec 6.3 [D], the developer guide: the API page says 5 for an account.</summary>
    public const int ListTagsForStreamPerSecond = 5;

    /// <summary>TagResource calls per second for an account. Source: spec 6.3 [O]: not documented, as AddTagsToStream.</summary>
    public const int TagResourcePerSecond = 5;

    /// <summary>UntagResource calls per second for an account. Source: spec 6.3 [O]: not documented, as RemoveTagsFromStream.</summary>
    public const int UntagResourcePerSecond = 5;

    /// <summary>ListTagsForResource calls per second for an account. Source: spec 6.3 [O]: not documented, as ListTagsForStream.</summary>
    public const int ListTagsForResourcePerSecond = 5;

    /// <summary>CreateStream calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int CreateStreamPerSecond = 5;

    /// <summary>DeleteStream calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int DeleteStreamPerSecond = 5;

    /// <summary>ListStreams calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int ListStreamsPerSecond = 5;

    /// <summary>DescribeLimits calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int DescribeLimitsPerSecond = 1;

    /// <summary>DescribeStream calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int DescribeStreamPerSecond = 10;

    /// <summary>DescribeStreamSummary calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int DescribeStreamSummaryPerSecond = 20;

    /// <summary>DescribeStreamConsumer calls per second for a stream. Source: spec 6.3 [D].</summary>
    public const int DescribeStreamConsumerPerSecond = 20;

    /// <summary>ListShards calls per second for a stream. Source: spec 6.3 [D]; 100 before 2023.</summary>
    public const int ListShardsPerSecond = 1000;

    /// <summary>ListStreamConsumers calls per second for a stream. Source: spec 6.3 [D].</summary>
    public const int ListStreamConsumersPerSecond = 5;

    /// <summary>RegisterStreamConsumer calls per second for a stream. Source: spec 6.3 [D], the developer guide: the API page says 5 for an account.</summary>
    public const int RegisterStreamConsumerPerSecond = 5;

    /// <summary>DeregisterStreamConsumer calls per second for a stream. Source: spec 6.3 [D].</summary>
    public const int DeregisterStreamConsumerPerSecond = 5;

    /// <summary>MergeShards calls per second for a stream. Source: spec 6.3 [D], the developer guide: the API page says 5 for an account.</summary>
    public const int MergeShardsPerSecond = 5;

    /// <summary>SplitShard calls per second for a stream. Source: spec 6.3 [D], the developer guide: the API page says 5 for an account.</summary>
    public const int SplitShardPerSecond = 5;

    /// <summary>UpdateShardCount calls per second for an account. Source: spec 6.3 [D]; for whom is not said, an account [O].</summary>
    public const int UpdateShardCountPerSecond = 10;

    /// <summary>IncreaseStreamRetentionPeriod calls per second for a stream. Source: spec 6.3 [D].</summary>
    public const int IncreaseStreamRetentionPeriodPerSecond = 5;

    /// <summary>DecreaseStreamRetentionPeriod calls per second for a stream. Source: spec 6.3 [D].</summary>
    public const int DecreaseStreamRetentionPeriodPerSecond = 5;

    /// <summary>EnableEnhancedMonitoring calls per second for a stream. Source: spec 6.3 [D].</summary>
    public const int EnableEnhancedMonitoringPerSecond = 5;

    /// <summary>DisableEnhancedMonitoring calls per second for a stream. Source: spec 6.3 [D].</summary>
    public const int DisableEnhancedMonitoringPerSecond = 5;

    /// <summary>UpdateStreamWarmThroughput calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int UpdateStreamWarmThroughputPerSecond = 5;

    /// <summary>DescribeAccountSettings calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int DescribeAccountSettingsPerSecond = 5;

    /// <summary>UpdateAccountSettings calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int UpdateAccountSettingsPerSecond = 5;

    /// <summary>UpdateMaxRecordSize calls per second for an account. Source: spec 6.3 [O]: not documented.</summary>
    public const int UpdateMaxRecordSizePerSecond = 5;

    /// <summary>UpdateStreamRecordDistributionStrategy calls per second for an account. Source: spec 6.3 [O]: not documented.</summary>
    public const int UpdateStreamRecordDistributionStrategyPerSecond = 5;

    /// <summary>PutResourcePolicy calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int PutResourcePolicyPerSecond = 5;

    /// <summary>GetResourcePolicy calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int GetResourcePolicyPerSecond = 5;

    /// <summary>DeleteResourcePolicy calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int DeleteResourcePolicyPerSecond = 5;

    /// <summary>CreateChannel calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int CreateChannelPerSecond = 5;

    /// <summary>DescribeChannel calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int DescribeChannelPerSecond = 5;

    /// <summary>UpdateChannel calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int UpdateChannelPerSecond = 5;

    /// <summary>DeleteChannel calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int DeleteChannelPerSecond = 5;

    /// <summary>ListChannels calls per second for an account. Source: spec 6.3 [D].</summary>
    public const int ListChannelsPerSecond = 5;
}
