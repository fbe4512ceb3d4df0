namespace Weir.Cli.Bench.Limits;

/// <summary>What one way to put came to at a stream that takes less than it is offered.</summary>
internal sealed class LimitsResult
{
    /// <summary>How it was put.</summary>
    public required string Way { get; init; }

    /// <summary>User records that were due; those that could not be offered in time were held back.</summary>
    public long Due { get; set; }

    /// <summary>Attempts of user records.</summary>
    public long Attempts { get; set; }

    /// <summary>Those of them that were throttled.</summary>
    public long Throttled { get; set; }

    /// <summary>Why records failed, and how many.</summary>
    public SortedDictionary<string, long> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>From the acceptance, or the first sending, to the outcome.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>The most of the credit that was ever used; 0 where there is none.</summary>
    public long PeakCreditBytes { get; set; }

    /// <summary>The most memory that this process ever had meanwhile.</summary>
    public long PeakResidentBytes { get; set; }

    /// <summary>What was reported, held against what the stream holds.</summary>
    public LedgerBalance Balance { get; set; } = new();

    /// <summary>What the shards took while it was measured.</summary>
    public StoredBytes Stored { get; set; }

    /// <summary>Adds up what another thread counted.</summary>
    public void Add(LimitsResult other)
    {
        Attempts += other.Attempts;
        Throttled += other.Throttled;
        Latency.Add(other.Latency);
        foreach (var (why, count) in other.Failures)
            Failures[why] = Failures.GetValueOrDefault(why) + count;
    }
}

/// <summary>What shards have taken in a time.</summary>
/// <param name="Records">Records of the stream.</param>
/// <param name="Bytes">Their data and keys, as the limits count them.</param>
/// <param name="AllowedBytes">What the limits let through: whichever of bytes and records is used up first, with records of this size.</param>
internal readonly record struct StoredBytes(long Records, long Bytes, double AllowedBytes)
{
    /// <summary>The part of what the shards allow.</summary>
    public double Part => AllowedBytes == 0 ? 0 : Bytes / AllowedBytes;
}
