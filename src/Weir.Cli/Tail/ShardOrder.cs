namespace Weir.Cli.Tail;

/// <summary>
/// Decides which shards may be read: a child only after all its parents are read to their ends, so that the records of one key
/// come in the order in which they were put. Not thread-safe.
/// </summary>
internal sealed class ShardOrder
{
    // A shard is in exactly one of the states. A parent that was never added is before the start or past retention: nothing to wait for.
    private readonly Dictionary<string, Entry> _shards = new(StringComparer.Ordinal);

    private enum State
    {
        Waiting,
        Reading,
        Done,
    }

    /// <summary>Makes a shard known. One that is known already stays as it is: both parents of a merge announce its child.</summary>
    public void Add(string shard, IEnumerable<string> parents) => _shards.TryAdd(shard, new Entry([.. parents]));

    /// <summary>The shards that may be read now and were not given out before.</summary>
    public List<string> TakeReady()
    {
        var ready = new List<string>();
        foreach (var (shard, entry) in _shards)
        {
            if (entry.State != State.Waiting || !Array.TrueForAll(entry.Parents, IsPast))
                continue;
            entry.State = State.Reading;
            ready.Add(shard);
        }

        ready.Sort(StringComparer.Ordinal);
        return ready;
    }

    /// <summary>A shard is read to its end.</summary>
    public void Finish(string shard) => _shards[shard].State = State.Done;

    private bool IsPast(string parent) => !_shards.TryGetValue(parent, out var entry) || entry.State == State.Done;

    private sealed class Entry(string[] parents)
    {
        public string[] Parents { get; } = parents;

        public State State { get; set; }
    }
}
