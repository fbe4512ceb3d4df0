namespace Weir.Log;

/// <summary>
/// The segments whose files stay open though nobody reads them at the moment: catching-up consumers come back to the same
/// segment again and again, and opening a file costs more than a read. One for all logs of a store; at its bound the oldest closes.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class IdleFiles
{
    // Far below the usual limit of 1,024 open files, most of which belong to sockets and active segments.
    private const int MaxIdle = 128;

    private readonly Lock _gate = new();
    private readonly LinkedList<Segment> _segments = new();
    private readonly Dictionary<Segment, LinkedListNode<Segment>> _nodes = [];

    public void Add(Segment segment)
    {
        Segment? oldest = null;
        lock (_gate)
        {
            if (_nodes.TryGetValue(segment, out var node))
            {
                _segments.Remove(node);
                _segments.AddLast(node);
            }
            else
            {
                _nodes.Add(segment, _segments.AddLast(segment));
            }

            if (_segments.Count > MaxIdle)
            {
                oldest = _segments.First!.Value;
                _segments.RemoveFirst();
                _nodes.Remove(oldest);
            }
        }

        oldest?.CloseIfIdle();
    }

    /// <summary>Forgets a segment that its log has let go of.</summary>
    public void Remove(Segment segment)
    {
        lock (_gate)
        {
            if (_nodes.Remove(segment, out var node))
                _segments.Remove(node);
        }
    }
}
