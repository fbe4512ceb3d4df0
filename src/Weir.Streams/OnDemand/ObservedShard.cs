namespace Weir.Streams.OnDemand;

/// <summary>An open shard of an on-demand stream, as the scaling sees it over time.</summary>
/// <remarks>Not thread-safe: only the look whose turn it is touches it.</remarks>
/// <param name="shard">The shard.</param>
/// <param name="load">What its average begins with.</param>
/// <param name="records">What of its traffic has been measured before.</param>
/// <param name="bytes">The same in bytes.</param>
internal sealed class ObservedShard(Shard shard, ShardLoad load, long records, long bytes)
{
    private long _records = records;
    private long _bytes = bytes;
    private ObservedShard? _next;

    /// <summary>The shard.</summary>
    public Shard Shard => shard;

    /// <summary>The moving average of its load.</summary>
    public ShardLoad Load { get; private set; } = load;

    /// <summary>Since when this shard and its upper neighbour together have stayed below the bound for merges; null when they are not below it.</summary>
    public DateTimeOffset? QuietSince { get; private set; }

    /// <summary>Whether records came since the last measurement.</summary>
    public bool HasNewTraffic => shard.Traffic.Records != _records;

    /// <summary>Measures the time since the last measurement.</summary>
    /// <returns>The mean rate in it.</returns>
    public ShardLoad Measure(TimeSpan elapsed)
    {
        var (records, bytes) = (shard.Traffic.Records, shard.Traffic.Bytes);
        var measured = new ShardLoad((bytes - _bytes) / elapsed.TotalSeconds, (records - _records) / elapsed.TotalSeconds);
        (_records, _bytes) = (records, bytes);
        Load = Load.After(measured, elapsed, OnDemandRule.Window);
        return measured;
    }

    /// <summary>Says which shard is its upper neighbour. Another one begins to be quiet with it only now.</summary>
    public void Beside(ObservedShard? next)
    {
        if (ReferenceEquals(next, _next))
            return;
        _next = next;
        QuietSince = null;
    }

    /// <summary>Notes after a measurement whether it is quiet together with its upper neighbour.</summary>
    public void NoteQuiet(DateTimeOffset now) =>
        QuietSince = _next is null || (Load + _next.Load).OfOneShard >= OnDemandRule.MergeBelow ? null : QuietSince ?? now;
}
