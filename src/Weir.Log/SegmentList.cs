namespace Weir.Log;

/// <summary>The sealed segments of a log, oldest first. The commit loop adds, retention removes.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SegmentList
{
    private readonly Lock _gate = new();
    private readonly Queue<Segment> _sealed = new();

    public void Add(Segment segment)
    {
        lock (_gate)
            _sealed.Enqueue(segment);
    }

    /// <summary>The oldest segment when everything in it is older than the horizon; else null.</summary>
    public Segment? OldestBefore(long horizonMs)
    {
        lock (_gate)
            return _sealed.TryPeek(out var oldest) && oldest.LastTimeMs < horizonMs ? oldest : null;
    }

    public void RemoveOldest(Segment oldest)
    {
        lock (_gate)
            Invariant.Check(_sealed.TryDequeue(out var removed) && ReferenceEquals(removed, oldest));
    }

    public Segment[] ToArray()
    {
        lock (_gate)
            return [.. _sealed];
    }
}
