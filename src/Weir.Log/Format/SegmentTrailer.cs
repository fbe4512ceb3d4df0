using System.Buffers.Binary;

namespace Weir.Log.Format;

/// <summary>
/// The last 64 bytes of a sealed segment, from which its footer is found. Layout: docs/formats/segment.md#trailer.
/// </summary>
/// <param name="BaseOffset">The segment's base offset again.</param>
/// <param name="FramesEnd">Where the frames end in the file and the footer begins; the next segment's base offset lies this much further.</param>
/// <param name="SummariesAt">Where the run summaries begin in the file; they reach to the trailer.</param>
/// <param name="Summaries">Number of run summaries.</param>
/// <param name="LastTimeMs">Time of the segment's last frame.</param>
/// <param name="LastCrc">CRC of the segment's last frame.</param>
internal readonly record struct SegmentTrailer(
    LogOffset BaseOffset, long FramesEnd, long SummariesAt, int Summaries, long LastTimeMs, uint LastCrc)
{
    public const int Bytes = 64;
    public const ulong Magic = 0x3146_4553_5249_4557; // "WEIRSEF1"

    private const int MagicAt = 0, BaseOffsetAt = 8, FramesEndAt = 16, SummariesAtAt = 24, LastTimeAt = 32, SummariesCountAt = 40,
        LastCrcAt = 44, ReservedAt = 48, CrcAt = Bytes - sizeof(uint);

    /// <summary>Writes the trailer behind the summaries.</summary>
    /// <param name="tail">The summaries and, behind them, room for the trailer: the checksum covers both.</param>
    /// <param name="seed">The segment's seed.</param>
    public void Write(Span<byte> tail, uint seed)
    {
        Invariant.Check(tail.Length == (Summaries * RunSummary.Bytes) + Bytes);
        var trailer = tail[^Bytes..];
        BinaryPrimitives.WriteUInt64LittleEndian(trailer[MagicAt..], Magic);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[BaseOffsetAt..], BaseOffset.Value);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[FramesEndAt..], FramesEnd);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[SummariesAtAt..], SummariesAt);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[LastTimeAt..], LastTimeMs);
        BinaryPrimitives.WriteInt32LittleEndian(trailer[SummariesCountAt..], Summaries);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[LastCrcAt..], LastCrc);
        trailer[ReservedAt..CrcAt].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[CrcAt..], Checksum.Append(seed, tail[..^sizeof(uint)]));
    }

    /// <summary>Reads a trailer without its checksum; false when its numbers cannot belong to a file of that length.</summary>
    public static bool TryReadUnchecked(ReadOnlySpan<byte> trailer, long fileBytes, out SegmentTrailer read)
    {
        read = default;
        if (trailer.Length < Bytes || BinaryPrimitives.ReadUInt64LittleEndian(trailer[MagicAt..]) != Magic)
            return false;
        read = new SegmentTrailer(
            new LogOffset(BinaryPrimitives.ReadInt64LittleEndian(trailer[BaseOffsetAt..])),
            BinaryPrimitives.ReadInt64LittleEndian(trailer[FramesEndAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(trailer[SummariesAtAt..]),
            BinaryPrimitives.ReadInt32LittleEndian(trailer[SummariesCountAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(trailer[LastTimeAt..]),
            BinaryPrimitives.ReadUInt32LittleEndian(trailer[LastCrcAt..]));
        return read.Summaries >= 0
            && read.FramesEnd >= SegmentHeader.Bytes
            && read.SummariesAt >= read.FramesEnd
            && read.SummariesAt + ((long)read.Summaries * RunSummary.Bytes) + Bytes == fileBytes;
    }

    /// <summary>Reads the summaries with the trailer behind them; false when the checksum does not match.</summary>
    public static bool TryReadSummaries(ReadOnlySpan<byte> tail, uint seed, out RunSummary[] summaries)
    {
        summaries = [];
        if (tail.Length < Bytes || (tail.Length - Bytes) % RunSummary.Bytes != 0
            || BinaryPrimitives.ReadUInt32LittleEndian(tail[^sizeof(uint)..]) != Checksum.Append(seed, tail[..^sizeof(uint)]))
            return false;
        summaries = new RunSummary[(tail.Length - Bytes) / RunSummary.Bytes];
        for (var i = 0; i < summaries.Length; i++)
            summaries[i] = RunSummary.Read(tail[(i * RunSummary.Bytes)..]);
        return true;
    }
}
