namespace Weir.Model;

/// <summary>Every limit of the Kinesis protocol, once, with its source. Code and tests use the constant, never the number.</summary>
/// <remarks>"Spec" is the project's restatement of the Kinesis Data Streams API; [D] documented, [P] observed on production, [O] our choice.</remarks>
public static partial class KinesisLimits
{
    /// <summary>Bytes of data and partition key that a record may have on a new stream. Source: spec 5.3 [D], MaxRecordSizeInKiB default.</summary>
    public const int DefaultMaxRecordBytes = 1024 * 1024;

    /// <summary>Smallest and largest configurable record limit, in KiB. Source: spec 5.3 [D].</summary>
    public const int MinMaxRecordSizeInKiB = 1024;

    /// <inheritdoc cref="MinMaxRecordSizeInKiB"/>
    public const int MaxMaxRecordSizeInKiB = 10240;

    /// <summary>Entries of one PutRecords. Source: spec 6.4 [D].</summary>
    public const int MaxPutRecordsEntries = 500;

    /// <summary>Bytes of data and keys of one PutRecords. Source: spec 6.4 [D].</summary>
    public const int MaxPutRecordsBytes = 10 * 1024 * 1024;

    /// <summary>Characters of a partition key. Source: the service model [D].</summary>
    public const int MaxPartitionKeyCharacters = 256;

    /// <summary>Records of one GetRecords, also the default. Source: spec 5.6 [D].</summary>
    public const int MaxGetRecordsLimit = 10_000;

    /// <summary>Bytes of data and keys of one GetRecords. Source: spec 5.6 [D].</summary>
    public const int MaxGetRecordsBytes = 10 * 1024 * 1024;

    /// <summary>How long a shard iterator is valid. Source: spec 5.5 [D][P].</summary>
    public static readonly TimeSpan ShardIteratorLifetime = TimeSpan.FromMilliseconds(300_000);

    /// <summary>How long a NextToken is valid. Source: spec 7.1, 7.4 [D].</summary>
    public static readonly TimeSpan NextTokenLifetime = TimeSpan.FromSeconds(300);

    /// <summary>Shards of one DescribeStream page, default and effective maximum. Source: spec 7.1 [D].</summary>
    public const int MaxDescribeStreamPage = 100;

    /// <summary>Streams of one ListStreams page, default and effective maximum. Source: spec 7.1 [D].</summary>
    public const int MaxListStreamsPage = 100;

    /// <summary>Shards of one ListShards page, default and effective maximum. Source: spec 7.4 [D].</summary>
    public const int MaxListShardsPage = 1000;

    /// <summary>Shortest and default retention. Source: spec 5.8 [D].</summary>
    public const int MinRetentionHours = 24;

    /// <summary>Longest retention. Source: spec 5.8 [D].</summary>
    public const int MaxRetentionHours = 8760;

    /// <summary>Bytes that a shard accepts per second. Source: spec 6.1 [D].</summary>
    public const int ShardWriteBytesPerSecond = 1024 * 1024;

    /// <summary>Records that a shard accepts per second, and the bucket that holds them. Source: spec 6.1 [D], capacity [O].</summary>
    public const int ShardWriteRecordsPerSecond = 1000;

    /// <summary>Bytes that shared readers get from a shard per second. Source: spec 6.2 [D].</summary>
    public const int ShardReadBytesPerSecond = 2 * 1024 * 1024;

    /// <summary>GetRecords calls per second and shard. Source: spec 6.2 [D].</summary>
    public const int ShardReadsPerSecond = 5;

    /// <summary>GetShardIterator calls per second and shard. Source: spec 6.2 [D].</summary>
    public const int ShardIteratorsPerSecond = 5;

    /// <summary>How long a shard's shared readers are refused after a response that hit the 10 MiB cap. Source: spec 6.2 [D].</summary>
    public static readonly TimeSpan FullReadPause = TimeSpan.FromSeconds(5);

    /// <summary>How long a subscription lasts from its acceptance. Source: spec 7.6 [D].</summary>
    public static readonly TimeSpan SubscriptionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>How long an accepted SubscribeToShard keeps others of its consumer and shard out; later ones take over. Source: spec 7.6 [D].</summary>
    public static readonly TimeSpan ResubscribeInterval = TimeSpan.FromSeconds(5);

    /// <summary>SubscribeToShard calls per second, consumer and shard. Source: spec 7.6 [D].</summary>
    public const int SubscribeCallsPerSecond = 1;

    /// <summary>Longest silence of a subscription: then an event without records comes. Source: spec 7.6 [P].</summary>
    public static readonly TimeSpan EmptyEventInterval = TimeSpan.FromSeconds(5);

    /// <summary>Bytes that a consumer gets from a shard per second, and what it may get at once. Source: spec 7.6 [D], capacity [O] as in 6.2.</summary>
    public const int SubscriptionBytesPerSecond = 2 * 1024 * 1024;

    /// <summary>Bytes of data and keys of an event, unless its only record is larger. Source: spec 7.6 [O].</summary>
    public const int MaxEventBytes = 1024 * 1024;

    /// <summary>Records of an event. Source: spec 7.6 [O].</summary>
    public const int MaxEventRecords = 10_000;

    /// <summary>Streams that may be CREATING at once. Source: spec 6.4 [D].</summary>
    public const int MaxStreamsCreating = 5;

    /// <summary>Shards of an account in us-east-1, us-west-2 and eu-west-1; used for every region. Source: spec 6.4 [D].</summary>
    public const int MaxShardsPerAccount = 20_000;

    /// <summary>Shards that UpdateShardCount goes to at most. Source: spec 7.5 [D].</summary>
    public const int MaxShardsByScaling = 10_000;

    /// <summary>The rolling period in which scalings and changes of mode and encryption are counted. Source: spec 6.3 [D].</summary>
    public static readonly TimeSpan QuotaPeriod = TimeSpan.FromHours(24);

    /// <summary>Scalings of a stream within <see cref="QuotaPeriod"/>. Source: spec 6.3, 7.5 [D].</summary>
    public const int MaxScalingsPerPeriod = 10;

    /// <summary>Changes of a stream's mode within <see cref="QuotaPeriod"/>. Source: spec 6.3, 7.1 [D].</summary>
    public const int MaxModeChangesPerPeriod = 2;

    /// <summary>Starts and stops of a stream's encryption within <see cref="QuotaPeriod"/>. Source: spec 6.3, 7.7 [D].</summary>
    public const int MaxEncryptionChangesPerPeriod = 25;

    /// <summary>Consumers of a stream. Source: spec 6.4 [D].</summary>
    public const int MaxConsumers = 20;

    /// <summary>Consumers of an on-demand stream whose account has committed itself to a throughput. Source: spec 6.4 [D].</summary>
    public const int MaxConsumersWithCommitment = 50;

    /// <summary>Consumers of an account that may be CREATING at once. Source: spec 6.4 [D].</summary>
    public const int MaxConsumersCreating = 5;

    /// <summary>Consumers of one ListStreamConsumers page, default and effective maximum. Source: spec 7.6 [D].</summary>
    public const int MaxListConsumersPage = 100;

    /// <summary>Tags of a resource. Source: spec 6.4 [D].</summary>
    public const int MaxTags = 50;

    /// <summary>Tags of one ListTagsForStream page, default and maximum. Source: spec 7.8 [O], the service model [D].</summary>
    public const int MaxListTagsPage = 50;

    /// <summary>On-demand streams of an account. Source: spec 6.4 [D].</summary>
    public const int MaxOnDemandStreams = 50;

    /// <summary>Shards of a new on-demand stream. Source: spec 6.5 [D].</summary>
    public const int OnDemandInitialShards = 4;

    /// <summary>MiB per second of writes that an on-demand stream can be warmed up for. Source: spec 6.6, 7.1 [D].</summary>
    public const int MaxWarmThroughputMibps = 10 * 1024;

    /// <summary>Shards that an on-demand stream grows to: each carries a MiB per second. Source: spec 6.5, 6.6 [D], as shards [O].</summary>
    public const int MaxShardsOnDemand = MaxWarmThroughputMibps;

    /// <summary>How long an account's throughput commitment lasts at least. Source: spec 6.6 [D].</summary>
    public static readonly TimeSpan ShortestCommitment = TimeSpan.FromHours(24);

    /// <summary>Bytes of a JSON request body. A legal PutRecords of 10 MiB is about 13.4 MiB in base64. Source: spec 2.5 [O].</summary>
    public const int MaxJsonBodyBytes = 16 * 1024 * 1024;

    /// <summary>Bytes of a CBOR request body. A legal PutRecords of 10 MiB needs little more, for its blobs are bytes. Source: spec 2.5 [O].</summary>
    public const int MaxCborBodyBytes = 12 * 1024 * 1024;

    /// <summary>How far the time of a signature may be from the server's, either way. Source: spec 4.2 [P].</summary>
    public static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>Seconds that a presigned request may live. Source: spec 4.2 [D]: seven days.</summary>
    public const int MaxPresignedSeconds = 604_800;

    /// <summary>Bytes of a resource policy. Source: spec 7.9 [O].</summary>
    public const int MaxResourcePolicyBytes = 20 * 1024;
}
