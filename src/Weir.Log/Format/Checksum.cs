using System.Buffers.Binary;
using System.Numerics;

namespace Weir.Log.Format;

/// <summary>CRC32C (Castagnoli) as the log uses it: no final inversion, and a seed that ties bytes to their segment.</summary>
internal static class Checksum
{
    private const uint Start = 0xFFFF_FFFF;

    /// <summary>
    /// The seed of everything in one segment, known from the directory and the file's name alone. A frame that was copied from
    /// another segment (or sent by a client as a record's data) does not check out, and frames stay checkable when the segment's header is damaged.
    /// </summary>
    public static uint SeedOf(LogId log, LogOffset baseOffset) =>
        BitOperations.Crc32C(BitOperations.Crc32C(Start, (ulong)log.Value), (ulong)baseOffset.Value);

    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return crc;
    }
}
