namespace Weir.Cli.Demo;

/// <summary>
/// Rows that are due and not yet acknowledged, a queue per key. A key's next row is handed out only when the one before is settled:
/// with two in flight, a refusal of the first would let the second overtake it.
/// </summary>
/// <remarks>Not thread-safe: it belongs to the producer's loop. Its bound is the trace.</remarks>
internal sealed class KeyedBacklog
{
    // A shard's bucket fills up within a second, so the first pause is a small part of that; each next one is twice as long.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromMilliseconds(800);

    // In the order in which the keys first appeared, so that runs are alike.
    private readonly OrderedDictionary<string, KeyQueue> _keys = [];

    /// <summary>Rows that are due and not acknowledged.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a row that is due, behind the others of its key.</summary>
    public void Add(TraceRow row)
    {
        if (!_keys.TryGetValue(row.Tenant, out var queue))
            _keys.Add(row.Tenant, queue = new KeyQueue());
        queue.Rows.Enqueue(row);
        Count++;
    }

    /// <summary>Hands out the next row of each key that has none in flight: at most one a key.</summary>
    /// <param name="max">Rows at most.</param>
    /// <param name="now">The replay's time.</param>
    public List<TraceRow> Take(int max, TimeSpan now)
    {
        var taken = new List<TraceRow>();
        foreach (var queue in _keys.Values)
        {
            if (taken.Count == max)
                break;
            if (queue.InFlight || queue.Rows.Count == 0 || now < queue.NotBefore)
                continue;
            queue.InFlight = true;
            taken.Add(queue.Rows.Peek());
        }

        return taken;
    }

    /// <summary>The row is stored: its key goes on.</summary>
    public void Acknowledge(TraceRow row)
    {
        var queue = InFlight(row);
        queue.Rows.Dequeue();
        queue.InFlight = false;
        queue.Refusals = 0;
        queue.Pause = FirstPause;
        Count--;
    }

    /// <summary>The row was refused: it is the next of its key again, after a pause.</summary>
    /// <returns>How often this row has been refused now.</returns>
    public int Refuse(TraceRow row, TimeSpan now)
    {
        var queue = InFlight(row);
        queue.InFlight = false;
        queue.NotBefore = now + queue.Pause;
        queue.Pause = queue.Pause * 2 < LongestPause ? queue.Pause * 2 : LongestPause;
        return ++queue.Refusals;
    }

    private KeyQueue InFlight(TraceRow row)
    {
        var queue = _keys[row.Tenant];
        if (!queue.InFlight || queue.Rows.Peek() != row)
            throw new InvalidOperationException($"Row {row.Number} is not in flight.");
        return queue;
    }

    private sealed class KeyQueue
    {
        // The first one is in flight when InFlight says so.
        public Queue<TraceRow> Rows { get; } = new();

        public bool InFlight { get; set; }

        public int Refusals { get; set; }

        public TimeSpan Pause { get; set; } = FirstPause;

        public TimeSpan NotBefore { get; set; }
    }
}
