using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log.Integrity;

/// <summary>Finds where the copy of a segment ends: at the first frame that its owner did not know of yet, else behind the last whole one.</summary>
internal sealed class BoundedFrames(ILogFile file, Segment segment, CopyBoundary boundary) : IDisposable
{
    private FrameWalk _walk = new(file, segment);

    /// <summary>The shard at which the boundary was reached.</summary>
    public int? Unknown { get; private set; }

    /// <summary>Reads the shard table that the segment begins with.</summary>
    /// <returns>False when it is not there yet, or lies behind the boundary.</returns>
    public bool ReadTable()
    {
        if (!_walk.TryNext(long.MaxValue, out var frame, out _, out var payload) || frame.Kind != FrameKind.ShardTable
            || !ShardTable.TryRead(payload, frame.Count, out var table))
            return WasDurable();
        foreach (var entry in table)
        {
            if (!boundary.Knows(entry.Shard) || (entry.ClosedMs is not null && !boundary.KnowsEndOf(entry.Shard)))
                Unknown ??= entry.Shard;
        }

        return Unknown is null;
    }

    /// <summary>Walks the frames.</summary>
    /// <param name="framesEnd">Where they end, when a footer says so.</param>
    /// <returns>Where the copy ends.</returns>
    public long FindEnd(long? framesEnd)
    {
        var limit = framesEnd ?? long.MaxValue;
        while (_walk.Position < limit)
        {
            if (_walk.TryNext(limit, out var frame, out var at, out _))
            {
                if (IsBehind(frame))
                {
                    Unknown = frame.Shard;
                    return at;
                }
            }
            else if ((framesEnd is null && !WasDurable()) || !TryGoOn(framesEnd ?? file.Length))
            {
                break;
            }
        }

        return _walk.Position;
    }

    public void Dispose() => _walk.Dispose();

    private bool IsBehind(in RecordFrame frame) => frame.Kind switch
    {
        FrameKind.Records => !boundary.Knows(frame.Shard),
        FrameKind.ShardEnd => !boundary.KnowsEndOf(frame.Shard),
        _ => false,
    };

    // A place that is not whole is the end, unless a later frame says that it had been durable: damage, copied as it is. Or the
    // frame was only being written when it was read, and is whole by now.
    private bool WasDurable()
    {
        using var scanner = new FrameScanner(file, segment.BaseOffset, segment.Seed);
        return DurabilityEvidence.Find(scanner, file, segment.BaseOffset, _walk.Position, out _) is not null;
    }

    private bool TryGoOn(long limit)
    {
        var next = new FrameWalk(file, segment, _walk.Position, _walk.PreviousCrc);
        _walk.Dispose();
        _walk = next;
        return _walk.TryResume(limit);
    }
}
