namespace Weir.Streams.OnDemand;

/// <summary>An on-demand stream as the scaling sees it over time: its shards' loads and its peaks.</summary>
/// <remarks>Not thread-safe: only the look whose turn it is touches it. Kept by its <see cref="DataStream"/>, so it goes with it.</remarks>
internal sealed class OnDemandStream
{
    // Below this part of a shard's limit an average that has decayed counts as nothing.
    private const double Negligible = 0.001;

    private readonly DataStream _stream;
    private List<ObservedShard> _shards;
    private ShardMap _map;
    private long _measuredAt;

    /// <summary>Begins to observe a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="peaks">What its peaks were so far.</param>
    /// <param name="fromNow">Whether what its shards have taken until now does not count, for it was taken in another mode.</param>
    public OnDemandStream(DataStream stream, WritePeaks peaks, bool fromNow)
    {
        _stream = stream;
        Peaks = peaks;
        _map = stream.Current.Shards;
        _shards = [.. _map.Open.Select(shard => new ObservedShard(shard, default, fromNow ? shard.Traffic.Records : 0, fromNow ? shard.Traffic.Bytes : 0))];
        PairUp();
    }

    /// <summary>The stream.</summary>
    public DataStream Stream => _stream;

    /// <summary>The greatest write rates of its last 30 days.</summary>
    public WritePeaks Peaks { get; }

    /// <summary>Its open shards in order of hash key range, as <see cref="Follow"/> saw them last.</summary>
    public IReadOnlyList<ObservedShard> Shards => _shards;

    /// <summary>Whether somebody waits for the end of a step, to go on with the next.</summary>
    public bool IsFollowed { get; set; }

    /// <summary>Whether the operator was told that a split is due and the account has no shard left.</summary>
    public bool LimitTold { get; set; }

    /// <summary>Whether nothing has come for long.</summary>
    public bool IsIdle => _shards.TrueForAll(shard => shard.Load.OfOneShard < Negligible && !shard.HasNewTraffic);

    /// <summary>Says that there was no traffic before <paramref name="timestamp"/>: the next measurement begins there.</summary>
    public void BeginAt(long timestamp) => _measuredAt = timestamp;

    /// <summary>Measures the time since the last measurement, when that is long enough to say anything.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="shortest">A shorter time is left to the next measurement.</param>
    /// <param name="now">Wall-clock time.</param>
    /// <returns>The mean rate of the whole stream in it, or null.</returns>
    public ShardLoad? Measure(TimeProvider time, TimeSpan shortest, DateTimeOffset now)
    {
        var timestamp = time.GetTimestamp();
        var elapsed = time.GetElapsedTime(_measuredAt, timestamp);
        if (elapsed < shortest)
            return null;
        _measuredAt = timestamp;
        Follow();
        var total = default(ShardLoad);
        foreach (var shard in _shards)
            total += shard.Measure(elapsed);
        foreach (var shard in _shards)
            shard.NoteQuiet(now);
        return total;
    }

    /// <summary>Takes over the shards that are open now. Halves begin with half of their parent's average, a merged shard with both.</summary>
    public void Follow()
    {
        var map = _stream.Current.Shards;
        if (ReferenceEquals(map, _map))
            return;
        _map = map;
        var known = _shards.ToDictionary(shard => shard.Shard.Id);
        var loads = known.ToDictionary(shard => shard.Key, shard => shard.Value.Load);
        _shards = [.. map.Open.Select(shard => known.GetValueOrDefault(shard.Id) ?? new ObservedShard(shard, LoadOf(shard, loads), records: 0, bytes: 0))];
        PairUp();
    }

    // Goes back to ancestors that were observed, over as many generations as came in between.
    private ShardLoad LoadOf(Shard shard, Dictionary<Model.ShardId, ShardLoad> loads)
    {
        if (loads.TryGetValue(shard.Id, out var load))
            return load;
        if (shard.Parent is { } parentId && _map.Find(parentId) is { } parent)
        {
            load = LoadOf(parent, loads);
            load = shard.AdjacentParent is not { } adjacentId ? load.Half
                : _map.Find(adjacentId) is { } adjacent ? load + LoadOf(adjacent, loads)
                : load;
        }

        loads[shard.Id] = load;
        return load;
    }

    private void PairUp()
    {
        for (var i = 0; i < _shards.Count; i++)
            _shards[i].Beside(i + 1 < _shards.Count ? _shards[i + 1] : null);
    }
}
