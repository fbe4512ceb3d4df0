using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Weir.Log.Format;

/// <summary>Looks for places where a frame may begin, in bytes that hold anything. Fast over zeros, which is what reserved room reads as.</summary>
internal static class FramePrefixes
{
    // Words in the file are little-endian; the cast below reads them as the machine does.
    private static readonly ulong[] Words = [.. RecordFrame.Prefixes.ToArray()
        .Select(prefix => BitConverter.IsLittleEndian ? prefix : BinaryPrimitives.ReverseEndianness(prefix))];

    /// <summary>Where the next candidate begins.</summary>
    /// <param name="bytes">Bytes that begin at a multiple of 8 in their file, as frames do.</param>
    /// <param name="from">Where to begin, a multiple of 8.</param>
    /// <returns>Its place in <paramref name="bytes"/>, or -1.</returns>
    public static int IndexIn(ReadOnlySpan<byte> bytes, int from)
    {
        var word = MemoryMarshal.Cast<byte, ulong>(bytes[from..]).IndexOfAny(Words);
        return word < 0 ? -1 : from + (word * sizeof(ulong));
    }
}
