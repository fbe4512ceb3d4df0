using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Model;

/// <summary>A point of the hash key space, 0 to 2^128 - 1. A record's hash key decides its shard.</summary>
/// <remarks>Travels as a decimal string without leading zeros. Source: spec section 5.1.</remarks>
public readonly record struct HashKey(UInt128 Value) : IComparable<HashKey>
{
    private const int DigestWords = MD5.HashSizeInBytes / sizeof(uint);

    /// <summary>The smallest hash key, 0.</summary>
    public static HashKey Min => new(UInt128.Zero);

    /// <summary>The largest hash key, 2^128 - 1.</summary>
    public static HashKey Max => new(UInt128.MaxValue);

    /// <summary>The hash key of a partition key: MD5 over its UTF-8 bytes, read as an unsigned big-endian integer.</summary>
    /// <param name="utf8PartitionKey">The partition key in UTF-8. Only read; nothing is allocated.</param>
    public static HashKey Of(ReadOnlySpan<byte> utf8PartitionKey)
    {
        if (!FitsLane(utf8PartitionKey))
            return OfLong(utf8PartitionKey);
        Span<uint> words = stackalloc uint[Md5Lanes.Words];
        Span<uint> digests = stackalloc uint[DigestWords * Md5Lanes.Lanes];
        words.Clear();
        Md5Lanes.Write(words, lane: 0, utf8PartitionKey);
        Md5Lanes.Hash(words, digests);
        return OfLane(digests, lane: 0);
    }

    /// <summary>The hash keys of many partition keys, at a fraction of what <see cref="Of(ReadOnlySpan{byte})"/> costs for each of them.</summary>
    /// <param name="utf8Text">What the keys are parts of, in UTF-8. Only read; nothing is allocated.</param>
    /// <param name="partitionKeys">Where each key lies in the text.</param>
    /// <param name="hashKeys">Becomes the hash keys, in the order of the partition keys; at least as long.</param>
    /// <exception cref="ArgumentOutOfRangeException">A key lies outside the text, or <paramref name="hashKeys"/> is too short.</exception>
    public static void OfMany(ReadOnlySpan<byte> utf8Text, ReadOnlySpan<Range> partitionKeys, Span<HashKey> hashKeys)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hashKeys.Length, partitionKeys.Length);
        Span<uint> words = stackalloc uint[Md5Lanes.Words];
        Span<uint> digests = stackalloc uint[DigestWords * Md5Lanes.Lanes];
        Span<int> places = stackalloc int[Md5Lanes.Lanes];
        var lanes = 0;
        words.Clear();
        for (var i = 0; i < partitionKeys.Length; i++)
        {
            var key = utf8Text[partitionKeys[i]];
            if (!FitsLane(key))
            {
                hashKeys[i] = OfLong(key);
                continue;
            }

            Md5Lanes.Write(words, lanes, key);
            places[lanes++] = i;
            if (lanes == Md5Lanes.Lanes)
                Flush(words, digests, places, ref lanes, hashKeys);
        }

        if (lanes > 0)
            Flush(words, digests, places, ref lanes, hashKeys);
    }

    /// <summary>The hash key of a partition key given as text.</summary>
    public static HashKey Of(string partitionKey) => Of(Encoding.UTF8.GetBytes(partitionKey));

    /// <summary>Reads a decimal hash key.</summary>
    /// <returns>False when the text is not a decimal number or lies above 2^128 - 1.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out HashKey key)
    {
        var parsed = UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        key = new HashKey(value);
        return parsed;
    }

    /// <summary>Reads a decimal hash key from UTF-8.</summary>
    /// <returns>False when the text is not a decimal number or lies above 2^128 - 1.</returns>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out HashKey key)
    {
        var parsed = UInt128.TryParse(utf8, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        key = new HashKey(value);
        return parsed;
    }

    /// <inheritdoc />
    public int CompareTo(HashKey other) => Value.CompareTo(other.Value);

    /// <summary>Orders hash keys as unsigned integers.</summary>
    public static bool operator <(HashKey left, HashKey right) => left.Value < right.Value;

    /// <summary>Orders hash keys as unsigned integers.</summary>
    public static bool operator >(HashKey left, HashKey right) => left.Value > right.Value;

    /// <summary>Orders hash keys as unsigned integers.</summary>
    public static bool operator <=(HashKey left, HashKey right) => left.Value <= right.Value;

    /// <summary>Orders hash keys as unsigned integers.</summary>
    public static bool operator >=(HashKey left, HashKey right) => left.Value >= right.Value;

    /// <summary>The decimal text, without leading zeros.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    private static bool FitsLane(ReadOnlySpan<byte> key) => key.Length <= Md5Lanes.MaxTextBytes && Vector256.IsHardwareAccelerated;

    private static void Flush(Span<uint> words, Span<uint> digests, ReadOnlySpan<int> places, ref int lanes, Span<HashKey> hashKeys)
    {
        Md5Lanes.Hash(words, digests);
        for (var lane = 0; lane < lanes; lane++)
            hashKeys[places[lane]] = OfLane(digests, lane);
        words.Clear();
        lanes = 0;
    }

    private static HashKey OfLane(ReadOnlySpan<uint> digests, int lane)
    {
        var upper = ((ulong)Swapped(digests[lane]) << 32) | Swapped(digests[Md5Lanes.Lanes + lane]);
        var lower = ((ulong)Swapped(digests[(2 * Md5Lanes.Lanes) + lane]) << 32) | Swapped(digests[(3 * Md5Lanes.Lanes) + lane]);
        return new HashKey(new UInt128(upper, lower));

        // A digest's words are little-endian, and the hash key's bytes stand in their order.
        static uint Swapped(uint word) => BinaryPrimitives.ReverseEndianness(word);
    }

    private static HashKey OfLong(ReadOnlySpan<byte> key)
    {
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
        // MD5 spreads keys over shards as Kinesis demands; it protects nothing here.
#pragma warning disable CA5351
        MD5.HashData(key, digest);
#pragma warning restore CA5351
        return new HashKey(BinaryPrimitives.ReadUInt128BigEndian(digest));
    }
}
