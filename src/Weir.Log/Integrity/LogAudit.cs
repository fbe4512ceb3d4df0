using Weir.Log.Format;

namespace Weir.Log.Integrity;

/// <summary>What the segments that were looked at so far say of a log's shards, and the findings: carried from segment to segment.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LogAudit
{
    private readonly Dictionary<int, ShardAudit> _shards = [];

    public Findings Findings { get; } = new();

    public List<SegmentFacts> Segments { get; } = [];

    public long LastTimeMs { get; set; }

    /// <summary>True once a shard table was seen, or the log's beginning: from then on a shard that is not known is new.</summary>
    public bool KnowsAllShards { get; set; }

    public IEnumerable<ShardAudit> Shards => _shards.Values;

    public ShardAudit? Find(int shard) => _shards.GetValueOrDefault(shard);

    public ShardAudit GetOrAdd(int shard)
    {
        if (!_shards.TryGetValue(shard, out var found))
            _shards.Add(shard, found = new ShardAudit(shard) { NextIndex = KnowsAllShards ? 1 : null });
        return found;
    }

    /// <summary>Forgets what was known: older segments are missing, so that what comes next need not continue it.</summary>
    public void Restart()
    {
        _shards.Clear();
        KnowsAllShards = false;
    }

    /// <summary>Forgets a segment that was trimmed while it was looked at: it may have been cut under the look.</summary>
    public void TakeBack(Segment segment)
    {
        Findings.TakeBack(segment.Path);
        Segments.RemoveAll(facts => facts.File == segment.Path);
        Restart();
    }

    public LogFacts ToFacts(LogId id) => new(
        id, Segments, [.. _shards.Values.Where(shard => shard.NextIndex is not null).OrderBy(shard => shard.Shard).Select(shard => shard.ToFacts())], Findings.ToArray());
}

/// <summary>What is known of a shard at a place of its log.</summary>
internal sealed class ShardAudit(int shard)
{
    public int Shard { get; } = shard;

    /// <summary>The index that has to come next; null while nothing is known.</summary>
    public long? NextIndex { get; set; }

    public long? ClosedMs { get; set; }

    public long? FirstStored { get; private set; }

    public long FirstTimeMs { get; private set; }

    public long LastTimeMs { get; private set; }

    /// <summary>Up to where everything about the shard is known: the end of its last frame, in the log.</summary>
    public LogOffset KnownTo { get; set; }

    public void Stored(long firstIndex, long nextIndex, long firstTimeMs, long lastTimeMs)
    {
        if (FirstStored is null)
            (FirstStored, FirstTimeMs) = (firstIndex, firstTimeMs);
        (NextIndex, LastTimeMs) = (nextIndex, lastTimeMs);
    }

    /// <summary>The records from what comes next up to what was found instead.</summary>
    public AffectedRecords MissingBefore(long found, long? foundMs) => new(
        Shard, NextIndex ?? 1, found - 1, Time(LastTimeMs), foundMs is { } after ? Time(Math.Max(after, LastTimeMs)) : null);

    public ShardFacts ToFacts() => new(
        Shard, FirstStored ?? NextIndex!.Value, NextIndex!.Value, ClosedMs is { } closed ? Time(closed) : null,
        FirstStored is null ? null : Time(FirstTimeMs), FirstStored is null ? null : Time(LastTimeMs));

    public static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
