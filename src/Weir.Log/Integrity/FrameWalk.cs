using System.Buffers;
using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log.Integrity;

/// <summary>
/// Walks the frames of a segment as recovery does, and goes on behind damage where recovery stops: a frame states its own place, so the
/// next whole one is found again whatever lies between.
/// </summary>
/// <param name="file">The segment's file.</param>
/// <param name="segment">The segment.</param>
/// <param name="position">Where the first frame is expected, a multiple of 8.</param>
/// <param name="previousCrc">CRC of the frame before; null when nothing is known of it.</param>
internal sealed class FrameWalk(ILogFile file, Segment segment, long position, uint? previousCrc) : IDisposable
{
    private const int SearchBytes = 256 * 1024;

    private readonly FrameScanner _scanner = new(file, segment.BaseOffset, segment.Seed);

    /// <summary>From the first frame on.</summary>
    public FrameWalk(ILogFile file, Segment segment)
        : this(file, segment, SegmentHeader.Bytes, segment.Seed)
    {
    }

    /// <summary>Place of the next frame, or of the problem.</summary>
    public long Position { get; private set; } = position;

    /// <summary>CRC of the frame before.</summary>
    public uint? PreviousCrc { get; private set; } = previousCrc;

    /// <summary>Why the last frame was not taken.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>The next frame; false when what is there is none, and <see cref="Problem"/> says why.</summary>
    /// <param name="limit">Where the frames have to end.</param>
    /// <param name="frame">Its header.</param>
    /// <param name="at">Its place in the file.</param>
    /// <param name="payload">Lent until the next call.</param>
    public bool TryNext(long limit, out RecordFrame frame, out long at, out ReadOnlySpan<byte> payload)
    {
        at = Position;
        payload = default;
        if (!_scanner.TryReadFrame(at, out frame, out var bytes))
        {
            Problem = _scanner.Problem;
            return false;
        }

        if (at + bytes.Length > limit)
        {
            Problem = $"a frame that reaches behind {limit}";
            return false;
        }

        if (PreviousCrc is { } previous && frame.PreviousCrc != previous)
        {
            Problem = $"a frame behind checksum {frame.PreviousCrc:x8} where {previous:x8} comes before";
            return false;
        }

        payload = bytes.Slice(RecordFrame.HeaderBytes, frame.PayloadBytes);
        Position = at + bytes.Length;
        PreviousCrc = frame.Crc;
        return true;
    }

    /// <summary>Looks for the next whole frame at or behind the problem, and steps to it; what came before it is not known then.</summary>
    /// <returns>False when there is none before the limit; the position stays.</returns>
    public bool TryResume(long limit)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SearchBytes);
        try
        {
            var at = Position;
            while (at < limit)
            {
                var bytes = buffer.AsSpan(0, (int)Math.Min(SearchBytes, limit - at));
                bytes = bytes[..(file.Read(bytes, at) & -RecordFrame.Alignment)];
                for (var place = 0; FramePrefixes.IndexIn(bytes, place) is var found and >= 0; place = found + RecordFrame.Alignment)
                {
                    if (!_scanner.TryReadFrame(at + found, out _, out var frame) || at + found + frame.Length > limit)
                        continue;
                    (Position, PreviousCrc) = (at + found, null);
                    return true;
                }

                if (bytes.IsEmpty)
                    return false;
                at += bytes.Length;
            }

            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _scanner.Dispose();
}
