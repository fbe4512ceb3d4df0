namespace Weir.Cli.Demo;

/// <summary>Records per second, from the difference to a snapshot a moment ago. Not thread-safe: it belongs to a view.</summary>
internal sealed class DemoRates(TimeProvider time)
{
    // Long enough that a shard read five times a second shows a steady figure.
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(2);

    private readonly Queue<DemoSnapshot> _past = new();
    private DemoSnapshot? _now;

    /// <summary>Takes the next snapshot.</summary>
    public void Add(DemoSnapshot snapshot)
    {
        _now = snapshot;
        _past.Enqueue(snapshot);
        // The oldest one kept is the last that is at least the span away.
        while (_past.Count > 2 && time.GetElapsedTime(_past.ElementAt(1).Timestamp, snapshot.Timestamp) >= Span)
            _past.Dequeue();
    }

    /// <summary>Records per second that the whole stream took.</summary>
    public double In() => Rate(snapshot => snapshot.Acknowledged);

    /// <summary>Records per second that were consumed.</summary>
    public double Out() => Rate(snapshot => snapshot.Processed);

    /// <summary>Records per second that a shard took.</summary>
    public double In(string shardId) => Rate(snapshot => Of(snapshot, shardId)?.RecordsIn ?? 0);

    /// <summary>Records per second that were consumed from a shard.</summary>
    public double Out(string shardId) => Rate(snapshot => Of(snapshot, shardId)?.RecordsOut ?? 0);

    private double Rate(Func<DemoSnapshot, long> count)
    {
        var then = _past.Peek();
        var seconds = time.GetElapsedTime(then.Timestamp, _now!.Timestamp).TotalSeconds;
        return seconds > 0 ? (count(_now) - count(then)) / seconds : 0;
    }

    private static ShardFigures? Of(DemoSnapshot snapshot, string shardId) => snapshot.Shards.FirstOrDefault(shard => shard.ShardId == shardId);
}
