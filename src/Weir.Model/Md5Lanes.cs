using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Weir.Model;

/// <summary>MD5 (RFC 1321) of up to eight short texts at once: each is one lane of vectors of eight 32-bit words.</summary>
/// <remarks>
/// The framework's MD5 goes through OpenSSL, which costs more in allocations and error bookkeeping than in hashing: of a PutRecords with
/// small records it was half of the server's time (docs/adr/0024-hot-path.md). One text alone takes one lane, and is still quicker so.
/// <code>
///   words   word 0: [lane 0][lane 1] .. [lane 7]   word 1: [lane 0] ..   ..   word 15
/// </code>
/// </remarks>
internal static class Md5Lanes
{
    /// <summary>How many texts are hashed at once.</summary>
    public const int Lanes = 8;

    /// <summary>The longest text that fits a block of 64 bytes beside the mark of its end and its length.</summary>
    public const int MaxTextBytes = 55;

    /// <summary>Words of the blocks of all lanes.</summary>
    public const int Words = BlockWords * Lanes;

    private const int BlockWords = 16;
    private const int LengthWord = 14;
    private const uint InitialA = 0x67452301, InitialB = 0xefcdab89, InitialC = 0x98badcfe, InitialD = 0x10325476;

    // The integer part of 2^32 times the sine of the step, from 1.
    private static ReadOnlySpan<uint> Sines =>
    [
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
        0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
        0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
        0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
        0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
    ];

    /// <summary>Writes a text and its padding into a lane that holds zeros.</summary>
    /// <param name="words">The blocks, <see cref="Words"/> long.</param>
    /// <param name="lane">0 to 7.</param>
    /// <param name="text">At most <see cref="MaxTextBytes"/>.</param>
    public static void Write(Span<uint> words, int lane, ReadOnlySpan<byte> text)
    {
        words[(LengthWord * Lanes) + lane] = (uint)text.Length * 8;
        var at = lane;
        for (; text.Length >= sizeof(uint); text = text[sizeof(uint)..], at += Lanes)
            words[at] = BinaryPrimitives.ReadUInt32LittleEndian(text);
        // The bytes that are left, and the one bit that ends every text.
        var last = 0x80u;
        for (var i = text.Length - 1; i >= 0; i--)
            last = (last << 8) | text[i];
        words[at] = last;
    }

    /// <summary>Hashes all lanes. What stands in a lane without a text comes to some digest or other.</summary>
    /// <param name="words">The blocks, <see cref="Words"/> long.</param>
    /// <param name="digests">Becomes the digests' words 0 to 3, each with its eight lanes: 32 in all.</param>
    public static void Hash(ReadOnlySpan<uint> words, Span<uint> digests)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(words.Length, Words);
        ArgumentOutOfRangeException.ThrowIfLessThan(digests.Length, 4 * Lanes);
        ref var block = ref MemoryMarshal.GetReference(words);
        Vector256<uint> a = Vector256.Create(InitialA), b = Vector256.Create(InitialB), c = Vector256.Create(InitialC), d = Vector256.Create(InitialD);
        for (var i = 0; i < BlockWords; i += 4)
        {
            a = b + Rotate(a + (d ^ (b & (c ^ d))) + Input(ref block, i, i), 7);
            d = a + Rotate(d + (c ^ (a & (b ^ c))) + Input(ref block, i + 1, i + 1), 12);
            c = d + Rotate(c + (b ^ (d & (a ^ b))) + Input(ref block, i + 2, i + 2), 17);
            b = c + Rotate(b + (a ^ (c & (d ^ a))) + Input(ref block, i + 3, i + 3), 22);
        }

        for (var i = 16; i < 32; i += 4)
        {
            a = b + Rotate(a + (c ^ (d & (b ^ c))) + Input(ref block, (5 * i) + 1, i), 5);
            d = a + Rotate(d + (b ^ (c & (a ^ b))) + Input(ref block, (5 * i) + 6, i + 1), 9);
            c = d + Rotate(c + (a ^ (b & (d ^ a))) + Input(ref block, (5 * i) + 11, i + 2), 14);
            b = c + Rotate(b + (d ^ (a & (c ^ d))) + Input(ref block, 5 * i, i + 3), 20);
        }

        for (var i = 32; i < 48; i += 4)
        {
            a = b + Rotate(a + (b ^ c ^ d) + Input(ref block, (3 * i) + 5, i), 4);
            d = a + Rotate(d + (a ^ b ^ c) + Input(ref block, (3 * i) + 8, i + 1), 11);
            c = d + Rotate(c + (d ^ a ^ b) + Input(ref block, (3 * i) + 11, i + 2), 16);
            b = c + Rotate(b + (c ^ d ^ a) + Input(ref block, (3 * i) + 14, i + 3), 23);
        }

        for (var i = 48; i < 64; i += 4)
        {
            a = b + Rotate(a + (c ^ (b | ~d)) + Input(ref block, 7 * i, i), 6);
            d = a + Rotate(d + (b ^ (a | ~c)) + Input(ref block, (7 * i) + 7, i + 1), 10);
            c = d + Rotate(c + (a ^ (d | ~b)) + Input(ref block, (7 * i) + 14, i + 2), 15);
            b = c + Rotate(b + (d ^ (c | ~a)) + Input(ref block, (7 * i) + 5, i + 3), 21);
        }

        (a + Vector256.Create(InitialA)).CopyTo(digests);
        (b + Vector256.Create(InitialB)).CopyTo(digests[Lanes..]);
        (c + Vector256.Create(InitialC)).CopyTo(digests[(2 * Lanes)..]);
        (d + Vector256.Create(InitialD)).CopyTo(digests[(3 * Lanes)..]);
    }

    // The word counts modulo 16, so that it is inside the block whatever it is.
    private static Vector256<uint> Input(ref uint block, int word, int step) =>
        Vector256.LoadUnsafe(ref block, (nuint)((word & (BlockWords - 1)) * Lanes)) + Vector256.Create(Sines[step]);

    private static Vector256<uint> Rotate(Vector256<uint> value, int bits) => (value << bits) | (value >>> (32 - bits));
}
