namespace Weir.Cli.Bench;

/// <summary>What one connection, or all together, counted in the measured time. Not thread-safe.</summary>
internal sealed class LoadResult
{
    /// <summary>How long was measured.</summary>
    public TimeSpan Measured { get; set; }

    /// <summary>Requests that were answered.</summary>
    public long Requests { get; set; }

    /// <summary>Records that were stored.</summary>
    public long Records { get; set; }

    /// <summary>Their data.</summary>
    public long Bytes { get; set; }

    /// <summary>Records that were refused for their rate.</summary>
    public long Throttled { get; set; }

    /// <summary>Requests that failed otherwise.</summary>
    public long Errors { get; set; }

    /// <summary>What the last failed request was answered.</summary>
    public string? LastError { get; set; }

    /// <summary>Requests of an open loop that were due and never sent: the server did not keep up.</summary>
    public long NeverSent { get; set; }

    /// <summary>From the intended send time of an open loop, from sending of a closed one.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Requests per second.</summary>
    public double RequestRate => Requests / Measured.TotalSeconds;

    /// <summary>Stored records per second.</summary>
    public double RecordRate => Records / Measured.TotalSeconds;

    /// <summary>Stored bytes of data per second.</summary>
    public double ByteRate => Bytes / Measured.TotalSeconds;

    /// <summary>Adds what another connection counted.</summary>
    public void Add(LoadResult other)
    {
        Requests += other.Requests;
        Records += other.Records;
        Bytes += other.Bytes;
        Throttled += other.Throttled;
        Errors += other.Errors;
        LastError ??= other.LastError;
        NeverSent += other.NeverSent;
        Latency.Add(other.Latency);
    }
}
