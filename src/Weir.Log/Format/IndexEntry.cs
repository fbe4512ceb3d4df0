using System.Buffers.Binary;

namespace Weir.Log.Format;

/// <summary>
/// Where one frame of a shard lies, in 16 bytes, in memory as on disk. Relative to its run (the frames of one shard in one
/// segment), because a segment is short in every dimension: bytes, records and time. Layout: docs/formats/segment.md#index.
/// </summary>
/// <param name="Offset8">Place in the file, in units of 8 bytes.</param>
/// <param name="PayloadBytes">Length of the frame's payload.</param>
/// <param name="IndexDelta">First index of the frame less first index of the run.</param>
/// <param name="TimeDeltaMs">Time of the frame less time of the run's first frame.</param>
internal readonly record struct IndexEntry(uint Offset8, int PayloadBytes, uint IndexDelta, uint TimeDeltaMs)
{
    public const int Bytes = 16;

    /// <summary>The longest time that one segment may span, from the width of <see cref="TimeDeltaMs"/>: about 49 days.</summary>
    public const long MaxSpanMs = uint.MaxValue;

    /// <summary>Place in the file.</summary>
    public long FileOffset => (long)Offset8 * RecordFrame.Alignment;

    public int FrameBytes => RecordFrame.FrameBytesOf(PayloadBytes);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Offset8);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], PayloadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], IndexDelta);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], TimeDeltaMs);
    }

    public static IndexEntry Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(source),
        BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[12..]));
}
