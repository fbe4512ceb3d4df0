using Weir.Log.Format;
using Weir.Log.Storage;
using Weir.Model;

namespace Weir.Log;

/// <summary>
/// Reads frames of one shard from a segment file and checks them. Frames that lie close together come in one read, into a window
/// that grows while the reader goes on, so that looking at one record stays cheap and catching up reads in large pieces.
/// </summary>
/// <remarks>Not thread-safe; belongs to a <see cref="LogReader"/>. Holds a lease on its segment.</remarks>
internal sealed class SegmentReader(Segment segment, ILogFile file) : IDisposable
{
    /// <summary>Bytes of other shards that are read and dropped when they lie between two frames: cheaper than another call.</summary>
    public const int MaxGapBytes = 16 * 1024;

    private const int FirstWindowBytes = 32 * 1024;

    // 512 KiB: where positional reads from the page cache reach their full speed.
    private const int MaxWindowBytes = 512 * 1024;

    private byte[]? _window;
    private long _windowStart;
    private int _windowBytes;
    private int _windowLimit = FirstWindowBytes;
    private ReadAhead _ahead;

    public Segment Segment { get; } = segment;

    public ILogFile File { get; } = file;

    /// <summary>The checked frame at this place of the index.</summary>
    /// <returns>The whole frame; lent until the next call or disposal.</returns>
    /// <exception cref="LogCorruptException">The file holds something else there.</exception>
    /// <exception cref="LogUnreadableException">The disk fails.</exception>
    public ReadOnlyMemory<byte> Read(RunCursor index, int ordinal, out RecordFrame frame)
    {
        var entry = index[ordinal];
        if (entry.FileOffset < _windowStart || entry.FileOffset + entry.FrameBytes > _windowStart + _windowBytes)
            Fill(index, ordinal, entry);
        var bytes = _window.AsMemory((int)(entry.FileOffset - _windowStart), entry.FrameBytes);
        frame = Check(bytes.Span, index.Run, entry);
        return bytes;
    }

    public void Dispose()
    {
        ReturnWindow();
        Segment.Release();
    }

    private void Fill(RunCursor index, int ordinal, IndexEntry first)
    {
        var end = index.EndOfPiece(ordinal, first, _windowLimit, MaxGapBytes, out var next);
        _windowLimit = Math.Min(_windowLimit * 2, MaxWindowBytes);

        var bytes = checked((int)(end - first.FileOffset));
        if (_window is null || _window.Length < bytes)
        {
            ReturnWindow();
            _window = BufferPool.Shared.Rent(bytes);
        }

        (_windowStart, _windowBytes) = (first.FileOffset, 0);
        var read = Segment.ReadCached(File, _window.AsSpan(0, bytes), first.FileOffset);
        var waits = read < bytes;
        if (waits)
            read += Segment.Read(File, _window.AsSpan(read, bytes - read), first.FileOffset + read);
        if (read < bytes)
            throw new LogCorruptException(Segment.Path, first.FileOffset, $"{bytes} bytes of frames", $"the end of the file after {read}");
        _windowBytes = bytes;
        _ahead.AfterRead(File, index, next, bytes, waits);
    }

    private RecordFrame Check(ReadOnlySpan<byte> bytes, ShardRun run, IndexEntry entry)
    {
        if (!RecordFrame.TryReadHeader(bytes, out var frame) || frame.FrameBytes != bytes.Length)
            throw Corrupt(run, entry, "no frame of that length");
        if (RecordFrame.CrcOf(bytes, Segment.Seed) is var crc && crc != frame.Crc)
            throw Corrupt(run, entry, $"checksum {crc:x8} where the frame states {frame.Crc:x8}");
        if (frame.Kind != FrameKind.Records || frame.Shard != run.Shard || frame.FirstIndex != run.FirstIndex + entry.IndexDelta
            || frame.Offset != Segment.BaseOffset + entry.FileOffset)
            throw Corrupt(run, entry, $"{frame.Kind} frame of shard {frame.Shard} with first index {frame.FirstIndex}");
        return frame;
    }

    private LogCorruptException Corrupt(ShardRun run, IndexEntry entry, string found) => new(
        Segment.Path, entry.FileOffset, $"frame of shard {run.Shard} with first index {run.FirstIndex + entry.IndexDelta}", found);

    private void ReturnWindow()
    {
        if (Interlocked.Exchange(ref _window, null) is { } window)
            BufferPool.Shared.Return(window);
    }
}
