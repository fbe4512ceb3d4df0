using System.Buffers.Binary;

namespace Weir.Log.Format;

/// <summary>One shard in a shard table. Layout: docs/formats/segment.md#shard-table.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="NextIndex">One past its last record.</param>
/// <param name="ClosedMs">When it ended, as Unix time in milliseconds; null while it is open.</param>
internal readonly record struct ShardTableEntry(int Shard, long NextIndex, long? ClosedMs)
{
    public const int Bytes = 24;

    private const uint ClosedFlag = 1;
    private const int ShardAt = 0, FlagsAt = 4, NextIndexAt = 8, ClosedAt = 16;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination[ShardAt..], Shard);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[FlagsAt..], ClosedMs is null ? 0 : ClosedFlag);
        BinaryPrimitives.WriteInt64LittleEndian(destination[NextIndexAt..], NextIndex);
        BinaryPrimitives.WriteInt64LittleEndian(destination[ClosedAt..], ClosedMs ?? 0);
    }

    public static ShardTableEntry Read(ReadOnlySpan<byte> source)
    {
        var closed = (BinaryPrimitives.ReadUInt32LittleEndian(source[FlagsAt..]) & ClosedFlag) != 0;
        return new ShardTableEntry(
            BinaryPrimitives.ReadInt32LittleEndian(source[ShardAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[NextIndexAt..]),
            closed ? BinaryPrimitives.ReadInt64LittleEndian(source[ClosedAt..]) : null);
    }
}

/// <summary>The payload of a shard-table frame: its entries one after the other, in order of shard.</summary>
internal static class ShardTable
{
    /// <summary>Reads all entries; false when the length does not fit the count.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, int count, out ShardTableEntry[] entries)
    {
        entries = [];
        if (count < 0 || payload.Length != (long)count * ShardTableEntry.Bytes)
            return false;
        entries = new ShardTableEntry[count];
        for (var i = 0; i < count; i++)
            entries[i] = ShardTableEntry.Read(payload[(i * ShardTableEntry.Bytes)..]);
        return true;
    }
}
