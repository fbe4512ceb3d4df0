using Weir.Log.Format;

namespace Weir.Log;

/// <summary>
/// Where the next frame of a segment goes and which CRC it refers to. A copy is encoded against, and becomes the segment's own
/// only after the write succeeded: a failed write leaves the chain where it was.
/// </summary>
internal sealed class FrameChain(LogOffset baseOffset, uint seed, long fileOffset, uint previousCrc)
{
    /// <summary>The chain of an empty segment, behind its header.</summary>
    public FrameChain(LogOffset baseOffset, uint seed)
        : this(baseOffset, seed, SegmentHeader.Bytes, seed)
    {
    }

    /// <summary>End of the frames in the file.</summary>
    public long FileOffset { get; private set; } = fileOffset;

    public uint PreviousCrc { get; private set; } = previousCrc;

    public LogOffset End => baseOffset + FileOffset;

    public FrameChain Copy() => new(baseOffset, seed, FileOffset, PreviousCrc);

    /// <summary>Completes a frame whose payload is in its place, and steps behind it.</summary>
    public void Seal(
        Span<byte> frame, FrameKind kind, int payloadBytes, int shard, int count, long firstIndex, long timeMs, LogOffset synced)
    {
        var header = new RecordFrame(kind, payloadBytes, Crc: 0, End, synced, shard, count, firstIndex, timeMs, PreviousCrc);
        PreviousCrc = header.Seal(frame, seed);
        FileOffset += frame.Length;
    }
}
