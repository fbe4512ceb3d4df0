using System.Buffers.Binary;

namespace Weir.Log.Format;

/// <summary>
/// A shard's part in a sealed segment, in its footer: enough to know which records are in there without reading the index.
/// Layout: docs/formats/segment.md#run-summary.
/// </summary>
/// <param name="Shard">The shard.</param>
/// <param name="FirstIndex">Index of its first record in the segment.</param>
/// <param name="NextIndex">One past its last record in the segment; equal to the first when the segment only ends it.</param>
/// <param name="FirstTimeMs">Time of its first frame.</param>
/// <param name="LastTimeMs">Time of its last frame.</param>
/// <param name="ClosedMs">When it ended, if that is in this segment.</param>
/// <param name="IndexOffset">Where its index blocks begin in the file.</param>
/// <param name="Entries">Number of its index entries.</param>
internal readonly record struct RunSummary(
    int Shard, long FirstIndex, long NextIndex, long FirstTimeMs, long LastTimeMs, long? ClosedMs, long IndexOffset, int Entries)
{
    public const int Bytes = 64;

    private const uint ClosedFlag = 1;
    private const int ShardAt = 0, FlagsAt = 4, FirstIndexAt = 8, NextIndexAt = 16, FirstTimeAt = 24, LastTimeAt = 32,
        ClosedAt = 40, IndexOffsetAt = 48, EntriesAt = 56, ReservedAt = 60;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination[ShardAt..], Shard);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[FlagsAt..], ClosedMs is null ? 0 : ClosedFlag);
        BinaryPrimitives.WriteInt64LittleEndian(destination[FirstIndexAt..], FirstIndex);
        BinaryPrimitives.WriteInt64LittleEndian(destination[NextIndexAt..], NextIndex);
        BinaryPrimitives.WriteInt64LittleEndian(destination[FirstTimeAt..], FirstTimeMs);
        BinaryPrimitives.WriteInt64LittleEndian(destination[LastTimeAt..], LastTimeMs);
        BinaryPrimitives.WriteInt64LittleEndian(destination[ClosedAt..], ClosedMs ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(destination[IndexOffsetAt..], IndexOffset);
        BinaryPrimitives.WriteInt32LittleEndian(destination[EntriesAt..], Entries);
        BinaryPrimitives.WriteInt32LittleEndian(destination[ReservedAt..], 0);
    }

    public static RunSummary Read(ReadOnlySpan<byte> source)
    {
        var closed = (BinaryPrimitives.ReadUInt32LittleEndian(source[FlagsAt..]) & ClosedFlag) != 0;
        return new RunSummary(
            BinaryPrimitives.ReadInt32LittleEndian(source[ShardAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[FirstIndexAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[NextIndexAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[FirstTimeAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[LastTimeAt..]),
            closed ? BinaryPrimitives.ReadInt64LittleEndian(source[ClosedAt..]) : null,
            BinaryPrimitives.ReadInt64LittleEndian(source[IndexOffsetAt..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[EntriesAt..]));
    }
}
