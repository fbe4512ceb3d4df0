using System.Globalization;
using Weir.Model;

namespace Weir.Producer;

/// <summary>What a <see cref="KinesisProducer"/> needs to know. Only the stream's name has no default.</summary>
/// <remarks>The producer reads the options once, when it is made, and refuses values out of range with an <see cref="ArgumentException"/>.</remarks>
public sealed class ProducerOptions
{
    /// <summary>Default of <see cref="MaxBufferedBytes"/>.</summary>
    public const long DefaultMaxBufferedBytes = 32 * 1024 * 1024;

    /// <summary>Default of <see cref="MaxAggregateBytes"/>, as in the KPL: two payload units.</summary>
    public const int DefaultMaxAggregateBytes = 51_200;

    /// <summary>Default of <see cref="MaxRequestsInFlight"/>.</summary>
    public const int DefaultMaxRequestsInFlight = 16;

    /// <summary>Default of <see cref="RateLimitPercent"/>.</summary>
    public const int DefaultRateLimitPercent = 100;

    /// <summary>Default of <see cref="HotKeyPercent"/>.</summary>
    public const int DefaultHotKeyPercent = 50;

    /// <summary>Default of <see cref="MaxBufferedTime"/>, as in the KPL.</summary>
    public static readonly TimeSpan DefaultMaxBufferedTime = TimeSpan.FromMilliseconds(100);

    /// <summary>Default of <see cref="TimeToLive"/>, as in the KPL.</summary>
    public static readonly TimeSpan DefaultTimeToLive = TimeSpan.FromSeconds(30);

    /// <summary>Default of <see cref="DrainTime"/>: within the time that hosts give for stopping.</summary>
    public static readonly TimeSpan DefaultDrainTime = TimeSpan.FromSeconds(20);

    // A request's share of a shard at the full rate: less would only make small requests.
    private static readonly TimeSpan LeastShardBacklog = TimeSpan.FromMilliseconds(250);

    /// <summary>The stream.</summary>
    /// <value>Required: 1 to 128 letters, digits, <c>_</c>, <c>.</c> and <c>-</c>.</value>
    public string StreamName { get; set; } = "";

    /// <summary>Whether user records share a record, in the KPL's format, which consumers have to take apart again.</summary>
    /// <value>Default true. What does not fit into an aggregate goes by itself.</value>
    public bool Aggregate { get; set; } = true;

    /// <summary>How large an aggregate becomes.</summary>
    /// <value>64 bytes to 10 MiB; default 51,200 bytes.</value>
    public int MaxAggregateBytes { get; set; } = DefaultMaxAggregateBytes;

    /// <summary>How long a record waits for others to share a request with.</summary>
    /// <value>0 to 1 h; default 100 ms. A full request does not wait.</value>
    public TimeSpan MaxBufferedTime { get; set; } = DefaultMaxBufferedTime;

    /// <summary>How long a record is tried, from its acceptance on; then it fails.</summary>
    /// <value>100 ms to 1 day; default 30 s.</value>
    public TimeSpan TimeToLive { get; set; } = DefaultTimeToLive;

    /// <summary>
    /// The producer's credit: bytes of all records that were accepted and have no outcome yet, each counted with its key and
    /// <see cref="RecordOverheadBytes"/>. When it is used up, <see cref="WhenFull"/> says what a put does.
    /// <see cref="MaxShardBacklog"/> bounds the part of each shard.
    /// </summary>
    /// <value>64 KiB to 1 TiB; default 32 MiB. A record that is larger waits until it is alone.</value>
    public long MaxBufferedBytes { get; set; } = DefaultMaxBufferedBytes;

    /// <summary>What the producer holds for a record besides its bytes, as the credit counts it.</summary>
    public const int RecordOverheadBytes = 256;

    /// <summary>What a put does while the credit, or the part of its shard, is used up.</summary>
    /// <value>Default <see cref="FullPolicy.Wait"/>.</value>
    public FullPolicy WhenFull { get; set; }

    /// <summary>How much of a shard's rates (1 MiB and 1,000 records a second) the producer uses.</summary>
    /// <value>
    /// 0 to 1,000 percent; default 100. 0 means no pacing, for servers without these limits. 150 is the KPL's default: it makes up for
    /// other producers that use less, at the price of throttled attempts. Throttles slow the producer down in any case.
    /// </value>
    public int RateLimitPercent { get; set; } = DefaultRateLimitPercent;

    /// <summary>
    /// How far a shard may fall behind: the producer accepts as much for each shard as that takes in this time at its present pace, and then
    /// <see cref="WhenFull"/> says what a put to that shard does. Records to other shards go on.
    /// </summary>
    /// <value>
    /// 250 ms up to the <see cref="TimeToLive"/>; default null: a quarter of that, so that records hold their callers back before they
    /// expire. Shorter means that records are stored sooner after they were accepted. Without pacing a shard has no bound of its own.
    /// </value>
    public TimeSpan? MaxShardBacklog { get; set; }

    /// <summary>Requests under way at the same time.</summary>
    /// <value>1 to 1,024; default 16.</value>
    public int MaxRequestsInFlight { get; set; } = DefaultMaxRequestsInFlight;

    /// <summary>
    /// Whether the records of each partition key are stored in the order in which they were put, through throttles, failures and reshards:
    /// a shard then never has more than one aggregate on its way, nor two records of a key.
    /// </summary>
    /// <value>Default false: retries may overtake, as in the KPL.</value>
    public bool KeepOrder { get; set; }

    /// <summary>
    /// From which part of a shard's rates on a partition key counts as hot: then it is in <see cref="KinesisProducer.HotKeys"/>, and
    /// <see cref="OnHotKey"/> is told.
    /// </summary>
    /// <value>0 to 1,000 percent; default 50. 0 watches no keys.</value>
    public int HotKeyPercent { get; set; } = DefaultHotKeyPercent;

    /// <summary>Learns of a key that has become hot. Called by the producer's loop; must be quick and must not throw.</summary>
    /// <value>Default null.</value>
    public Action<HotKey>? OnHotKey { get; set; }

    /// <summary>
    /// Over how many keys a hot key's records are spread, as <see cref="PartitionKeySalt"/> does it, for as long as it is hot. Consumers take the
    /// salt off. The records of the key have no order among each other then.
    /// </summary>
    /// <value>0, or 2 to 1,000; default 0: hot keys are only reported.</value>
    public int HotKeySalts { get; set; }

    /// <summary>How long closing the producer waits for outcomes; then what is left fails with <see cref="PutFailureReason.Stopped"/>.</summary>
    /// <value>0 to 1 h; default 20 s.</value>
    public TimeSpan DrainTime { get; set; } = DefaultDrainTime;

    /// <summary>Learns of posted records that failed or were dropped. Called on a thread of the pool; must be quick and must not throw.</summary>
    /// <value>Default null: only the metrics and the log tell.</value>
    public Action<FailedPut>? OnPostFailed { get; set; }

    /// <summary>The clock.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Chance, for the jitter of the waits. Only the producer uses it, from one thread at a time.</summary>
    /// <value>Default null: one of the producer's own.</value>
    public Random? Random { get; set; }

    // The other three are for a pace that becomes slower after records were accepted, and for attempts that fail.
    internal TimeSpan EffectiveShardBacklog => MaxShardBacklog ?? (TimeToLive / 4 > LeastShardBacklog ? TimeToLive / 4 : LeastShardBacklog);

    /// <summary>A copy, which nobody changes any more.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal ProducerOptions Validated()
    {
        if (StreamName.Length is 0 or > 128 || !StreamName.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
            throw new ArgumentException($"{nameof(StreamName)} is '{StreamName}'; it must have 1 to 128 letters, digits, '_', '.' or '-'.");
        Check(MaxAggregateBytes, 64, KinesisLimits.MaxMaxRecordSizeInKiB * 1024, nameof(MaxAggregateBytes));
        Check(MaxBufferedBytes, 64 * 1024, 1L << 40, nameof(MaxBufferedBytes));
        Check(RateLimitPercent, 0, 1000, nameof(RateLimitPercent));
        Check(MaxRequestsInFlight, 1, 1024, nameof(MaxRequestsInFlight));
        Check(HotKeyPercent, 0, 1000, nameof(HotKeyPercent));
        if (HotKeySalts != 0)
            Check(HotKeySalts, 2, PartitionKeySalt.MaxSalts, nameof(HotKeySalts));
        if (HotKeySalts > 0 && HotKeyPercent == 0)
            throw new ArgumentException($"{nameof(HotKeySalts)} is {HotKeySalts}, but {nameof(HotKeyPercent)} is 0: no key would ever be salted.");
        if (HotKeySalts > 0 && KeepOrder)
            throw new ArgumentException($"{nameof(HotKeySalts)} is {HotKeySalts} and {nameof(KeepOrder)} is set: a salted key's records have no order.");
        Check(MaxBufferedTime, TimeSpan.Zero, TimeSpan.FromHours(1), nameof(MaxBufferedTime));
        Check(TimeToLive, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), nameof(TimeToLive));
        Check(DrainTime, TimeSpan.Zero, TimeSpan.FromHours(1), nameof(DrainTime));
        if (MaxShardBacklog is { } backlog)
            Check(backlog, LeastShardBacklog, TimeToLive > LeastShardBacklog ? TimeToLive : LeastShardBacklog, nameof(MaxShardBacklog));
        if (MaxBufferedTime >= TimeToLive)
        {
            throw new ArgumentException(
                $"{nameof(MaxBufferedTime)} is {MaxBufferedTime} and {nameof(TimeToLive)} {TimeToLive}: records would expire before they are sent.");
        }

        if (!Enum.IsDefined(WhenFull))
            throw new ArgumentException($"{nameof(WhenFull)} is {WhenFull}; it must be {FullPolicy.Wait}, {FullPolicy.Fail} or {FullPolicy.Drop}.");
        ArgumentNullException.ThrowIfNull(TimeProvider);
        return (ProducerOptions)MemberwiseClone();
    }

    private static void Check(long value, long min, long max, string option)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"{option} is {value}; it must be between {min} and {max}."));
        }
    }

    private static void Check(TimeSpan value, TimeSpan min, TimeSpan max, string option)
    {
        if (value < min || value > max)
            throw new ArgumentException($"{option} is {value}; it must be between {min} and {max}.");
    }
}
