using System.Buffers.Binary;

namespace Weir.Log.Format;

/// <summary>
/// The first 64 bytes of a segment file: whose segment it is and where it begins. Layout: docs/formats/segment.md#header.
/// </summary>
internal readonly record struct SegmentHeader(LogId Log, LogOffset BaseOffset, long CreatedMs)
{
    public const int Bytes = 64;
    public const ulong Magic = 0x3147_4553_5249_4557; // "WEIRSEG1"
    public const uint Version = 1;

    private const int MagicAt = 0, VersionAt = 8, LogAt = 16, BaseOffsetAt = 24, CreatedAt = 32, CrcAt = Bytes - sizeof(uint);

    public void Write(Span<byte> destination)
    {
        destination[..Bytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(destination[MagicAt..], Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[VersionAt..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(destination[LogAt..], Log.Value);
        BinaryPrimitives.WriteInt64LittleEndian(destination[BaseOffsetAt..], BaseOffset.Value);
        BinaryPrimitives.WriteInt64LittleEndian(destination[CreatedAt..], CreatedMs);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[CrcAt..], Checksum.Append(0, destination[..CrcAt]));
    }

    /// <summary>Reads a header; false for bytes that are no complete, undamaged header of any version.</summary>
    /// <remarks>Magic, version and checksum keep their places in every version, so that an older server knows a newer file for what it is.</remarks>
    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header, out uint version)
    {
        (header, version) = (default, 0);
        if (source.Length < Bytes
            || BinaryPrimitives.ReadUInt64LittleEndian(source[MagicAt..]) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[CrcAt..]) != Checksum.Append(0, source[..CrcAt]))
            return false;
        version = BinaryPrimitives.ReadUInt32LittleEndian(source[VersionAt..]);
        header = new SegmentHeader(
            new LogId(BinaryPrimitives.ReadInt64LittleEndian(source[LogAt..])),
            new LogOffset(BinaryPrimitives.ReadInt64LittleEndian(source[BaseOffsetAt..])),
            BinaryPrimitives.ReadInt64LittleEndian(source[CreatedAt..]));
        return true;
    }
}
