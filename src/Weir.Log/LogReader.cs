using Weir.Log.Format;

namespace Weir.Log;

/// <summary>
/// Walks one shard: finds the run that holds the wanted index, then its frames one after the other, from the tail in memory while
/// they are there and from the file otherwise. Keeps nothing but the next index for the state in between, so that rolling and
/// trimming under a reader need no word with it.
/// </summary>
internal sealed class LogReader(LogContext context, int shard, long fromIndex) : ILogReader
{
    private long _next = Math.Max(fromIndex, 1);
    private RunCursor? _run;
    private int _ordinal;
    private SegmentReader? _file;
    private CommitBuffer? _held;
    private bool _disposed;

    public bool TryRead(out LogFrame frame)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ReleaseHeld();
        frame = default;
        while (_run is not null || FindRun())
        {
            if (_ordinal >= _run!.Count)
            {
                // The run may have grown since, been sealed, or another follows: look again, once.
                _run = null;
                if (context.Shards.Find(shard)?.FindRun(_next) is null)
                    return false;
                continue;
            }

            if (ReadBytes(out var bytes, out var header))
            {
                frame = Slice(bytes, header);
                return true;
            }

            _run = null; // Trimmed: go on at the oldest that remains.
        }

        return false;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        ReleaseHeld();
        ReleaseFile();
        _run = null;
    }

    private bool FindRun()
    {
        while (context.Shards.Find(shard)?.FindRun(_next) is { } run)
        {
            _next = Math.Max(_next, run.FirstIndex);
            if (!run.InMemory && !Lease(run.Segment))
                continue;
            _run = new RunCursor(run, _file?.File);
            _ordinal = _run.FindIndex(_next);
            return true;
        }

        return false;
    }

    /// <summary>The frame's bytes; false when its segment was trimmed meanwhile.</summary>
    private bool ReadBytes(out ReadOnlyMemory<byte> bytes, out RecordFrame header)
    {
        var run = _run!.Run;
        var entry = _run[_ordinal];
        var offset = run.Segment.BaseOffset + entry.FileOffset;
        if (context.Tail.TryGet(offset) is { } buffer)
        {
            _held = buffer;
            bytes = buffer.Memory.Slice((int)(offset - buffer.Start), entry.FrameBytes);
            Invariant.Check(RecordFrame.TryReadHeader(bytes.Span, out header) && header.Offset == offset && header.Shard == shard);
            return true;
        }

        (bytes, header) = (default, default);
        if (!Lease(run.Segment))
            return false;
        bytes = _file!.Read(_run, _ordinal, out header);
        return true;
    }

    private LogFrame Slice(ReadOnlyMemory<byte> bytes, RecordFrame header)
    {
        var records = bytes.Slice(RecordFrame.HeaderBytes, header.PayloadBytes);
        var skipped = checked((int)(_next - header.FirstIndex));
        if (skipped < 0 || skipped >= header.Count)
        {
            // Indexes have no gaps, so the frame that the index names holds the wanted record or the index is wrong.
            throw new LogCorruptException(
                _run!.Run.Segment.Path,
                _run[_ordinal].FileOffset,
                $"record {_next} of shard {shard}",
                $"records from {header.FirstIndex}, {header.Count} of them");
        }

        for (var i = 0; i < skipped; i++)
            records = records[(sizeof(int) + System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(records.Span))..];
        var frame = new LogFrame(_next, header.Count - skipped, DateTimeOffset.FromUnixTimeMilliseconds(header.TimeMs), records);
        _next += frame.Count;
        _ordinal++;
        return frame;
    }

    private bool Lease(Segment segment)
    {
        if (ReferenceEquals(_file?.Segment, segment))
            return true;
        ReleaseFile();
        if (segment.TryLease() is not { } file)
            return false;
        _file = new SegmentReader(segment, file);
        return true;
    }

    private void ReleaseHeld()
    {
        _held?.Release();
        _held = null;
    }

    private void ReleaseFile()
    {
        _file?.Dispose();
        _file = null;
    }
}
