using System.Buffers.Binary;

namespace Weir.Log.Format;

/// <summary>
/// Up to 255 index entries of one run behind a checksum: the unit in which a sealed segment's index is read, so that finding a
/// record in a long run reads a few blocks and not the whole index. Layout: docs/formats/segment.md#index.
/// </summary>
internal static class IndexBlock
{
    public const int HeaderBytes = 16;
    public const int MaxBytes = 4096;
    public const int MaxEntries = (MaxBytes - HeaderBytes) / IndexEntry.Bytes;

    private const int CrcAt = 0, ShardAt = 4, NumberAt = 8, CountAt = 12;

    /// <summary>Bytes of all blocks of a run: every block but the last is full.</summary>
    public static long BytesOfRun(int entries) =>
        (long)(entries / MaxEntries * MaxBytes) + (entries % MaxEntries is var rest and > 0 ? BytesOf(rest) : 0);

    public static int BytesOf(int entries) => HeaderBytes + (entries * IndexEntry.Bytes);

    /// <summary>Number of entries in block <paramref name="number"/> of a run.</summary>
    public static int CountIn(int entriesOfRun, int number) => Math.Min(MaxEntries, entriesOfRun - (number * MaxEntries));

    public static int Write(Span<byte> destination, uint seed, int shard, int number, ReadOnlySpan<IndexEntry> entries)
    {
        var block = destination[..BytesOf(entries.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(block[ShardAt..], shard);
        BinaryPrimitives.WriteInt32LittleEndian(block[NumberAt..], number);
        BinaryPrimitives.WriteInt32LittleEndian(block[CountAt..], entries.Length);
        for (var i = 0; i < entries.Length; i++)
            entries[i].Write(block[BytesOf(i)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(block[CrcAt..], Checksum.Append(seed, block[ShardAt..]));
        return block.Length;
    }

    /// <summary>Reads a block whose identity the caller knows; false when the bytes are anything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> block, uint seed, int shard, int number, Span<IndexEntry> entries)
    {
        if (block.Length != BytesOf(entries.Length)
            || BinaryPrimitives.ReadInt32LittleEndian(block[ShardAt..]) != shard
            || BinaryPrimitives.ReadInt32LittleEndian(block[NumberAt..]) != number
            || BinaryPrimitives.ReadInt32LittleEndian(block[CountAt..]) != entries.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(block[CrcAt..]) != Checksum.Append(seed, block[ShardAt..]))
            return false;
        for (var i = 0; i < entries.Length; i++)
            entries[i] = IndexEntry.Read(block[BytesOf(i)..]);
        return true;
    }
}
