namespace Weir.Cli.Demo;

/// <summary>Where the demonstration is.</summary>
internal enum DemoPhase
{
    /// <summary>The server starts and the stream is created.</summary>
    Starting,

    /// <summary>The producer puts what is due.</summary>
    Replaying,

    /// <summary>All is acknowledged; the consumers read to the end.</summary>
    Draining,

    /// <summary>Everything stored is read again and compared.</summary>
    Auditing,

    /// <summary>There is a result.</summary>
    Done,
}

/// <summary>What may still happen in a shard.</summary>
internal enum ShardState
{
    /// <summary>Takes records.</summary>
    Open,

    /// <summary>Takes none since it was split; its reader is not through.</summary>
    Closed,

    /// <summary>Closed, and read to its end.</summary>
    Read,
}

/// <summary>The live figures: written by the producer, the split and the readers, looked at by the view. Thread-safe.</summary>
internal sealed class DemoFigures(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Latencies _puts = new();
    private readonly Latencies _endToEnd = new();

    // All under the lock. By shard id, which is the order of their creation.
    private readonly SortedDictionary<string, Shard> _shards = new(StringComparer.Ordinal);
    private readonly DemoWindows _windows = new();
    private DemoPhase _phase;
    private ReplayClock? _clock;
    private int _total;
    private int _acknowledged;
    private int _processed;
    private int _refused;
    private DateTime _completeUpTo;

    /// <summary>Put requests, from sending to the answer; once for each record that it acknowledged.</summary>
    public LatencyFigures PutLatency => _puts.Figures();

    /// <summary>From the moment a record was due to the end of its processing.</summary>
    public LatencyFigures EndToEndLag => _endToEnd.Figures();

    /// <summary>Records that were acknowledged so far.</summary>
    public int AcknowledgedCount
    {
        get
        {
            lock (_lock)
                return _acknowledged;
        }
    }

    /// <summary>The open shard that has taken most records, and how many of each key.</summary>
    public (string ShardId, IReadOnlyDictionary<string, int> Keys) BusiestShard()
    {
        lock (_lock)
        {
            var (id, shard) = _shards.Where(shard => shard.Value.State == ShardState.Open).MaxBy(shard => shard.Value.RecordsIn);
            return (id, new Dictionary<string, int>(shard.Keys));
        }
    }

    /// <summary>The replay begins.</summary>
    public void Begin(ReplayClock clock, int total)
    {
        lock (_lock)
            (_clock, _total, _phase) = (clock, total, DemoPhase.Replaying);
    }

    /// <summary>The next phase begins.</summary>
    public void Enter(DemoPhase phase)
    {
        lock (_lock)
            _phase = phase;
    }

    /// <summary>A record is stored.</summary>
    public void Acknowledged(string shardId, string key, int bytes, TimeSpan latency)
    {
        _puts.Add(latency);
        lock (_lock)
        {
            var shard = ShardOf(shardId);
            shard.Keys[key] = shard.Keys.GetValueOrDefault(key) + 1;
            shard.RecordsIn++;
            shard.BytesIn += bytes;
            _acknowledged++;
        }
    }

    /// <summary>A record was refused and waits for its next turn.</summary>
    public void Refused()
    {
        lock (_lock)
            _refused++;
    }

    /// <summary>A reader begins.</summary>
    public void Reading(string shardId)
    {
        lock (_lock)
            ShardOf(shardId);
    }

    /// <summary>A reader has processed rows.</summary>
    /// <param name="shardId">Its shard.</param>
    /// <param name="rows">At least one, in the shard's order.</param>
    /// <param name="oldestArrival">From the arrival of the oldest to now.</param>
    /// <param name="endToEnd">For each row, from when it was due to now.</param>
    public void Processed(string shardId, IReadOnlyList<TraceRow> rows, TimeSpan oldestArrival, IEnumerable<TimeSpan> endToEnd)
    {
        foreach (var lag in endToEnd)
            _endToEnd.Add(lag);
        lock (_lock)
        {
            foreach (var row in rows)
                _windows.Add(row);
            var shard = ShardOf(shardId);
            shard.RecordsOut += rows.Count;
            shard.LagMilliseconds = oldestArrival.TotalMilliseconds;
            shard.SeenUpTo = rows[^1].Time;
            _processed += rows.Count;
            AdvanceWindows_NeedsLock();
        }
    }

    /// <summary>A shard takes no more records.</summary>
    public void Closed(string shardId)
    {
        lock (_lock)
        {
            var shard = ShardOf(shardId);
            if (shard.State == ShardState.Open)
                shard.State = ShardState.Closed;
        }
    }

    /// <summary>A closed shard is read to its end.</summary>
    public void ReadToEnd(string shardId)
    {
        lock (_lock)
        {
            ShardOf(shardId).State = ShardState.Read;
            AdvanceWindows_NeedsLock();
        }
    }

    /// <summary>All readers are through: every window is complete.</summary>
    public void AllRead()
    {
        lock (_lock)
            _completeUpTo = DateTime.MaxValue;
    }

    /// <summary>Number and checksum of the windows.</summary>
    public (int Count, string Checksum) WindowsResult()
    {
        lock (_lock)
            return (_windows.Count, _windows.Checksum());
    }

    /// <summary>All figures at one moment.</summary>
    /// <param name="windows">How many of the last complete windows to include.</param>
    public DemoSnapshot Snapshot(int windows)
    {
        var (puts, endToEnd) = (PutLatency, EndToEndLag);
        lock (_lock)
        {
            return new DemoSnapshot(
                time.GetTimestamp(),
                _phase,
                _clock?.Elapsed ?? TimeSpan.Zero,
                _total,
                _acknowledged,
                _processed,
                _refused,
                [.. _shards.Select(shard => shard.Value.Figures(shard.Key))],
                _windows.Last(windows, _completeUpTo),
                puts,
                endToEnd);
        }
    }

    private Shard ShardOf(string shardId)
    {
        if (!_shards.TryGetValue(shardId, out var shard))
            _shards.Add(shardId, shard = new Shard());
        return shard;
    }

    // Rows of one shard come nearly in the order of their time. A window is shown when every shard that is still read is a whole window
    // past its end; a row that is even later would still be counted, and the audit looks at the windows only when all is read.
    private void AdvanceWindows_NeedsLock()
    {
        var slowest = DateTime.MaxValue;
        foreach (var shard in _shards.Values)
        {
            if (shard.State != ShardState.Read && shard.SeenUpTo is { } seen && seen < slowest)
                slowest = seen;
        }

        if (slowest != DateTime.MaxValue && slowest - DemoWindows.Length > _completeUpTo)
            _completeUpTo = slowest - DemoWindows.Length;
    }

    private sealed class Shard
    {
        public ShardState State { get; set; }

        public Dictionary<string, int> Keys { get; } = new(StringComparer.Ordinal);

        public long RecordsIn { get; set; }

        public long BytesIn { get; set; }

        public long RecordsOut { get; set; }

        public double LagMilliseconds { get; set; }

        public DateTime? SeenUpTo { get; set; }

        public ShardFigures Figures(string shardId) => new(shardId, State, RecordsIn, BytesIn, RecordsOut, LagMilliseconds);
    }
}
