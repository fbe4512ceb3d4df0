using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Model;

/// <summary>A point of the hash key space, 0 to 2^128 - 1. A record's hash key decides its shard.</summary>
/// <remarks>Travels as a decimal string without leading zeros. Source: spec section 5.1.</remarks>
public readonly record struct HashKey(UInt128 Value) : IComparable<HashKey>
{
    /// <summary>The smallest hash key, 0.</summary>
    public static HashKey Min => new(UInt128.Zero);

    /// <summary>The largest hash key, 2^128 - 1.</summary>
    public static HashKey Max => new(UInt128.MaxValue);

    /// <summary>The hash key of a partition key: MD5 over its UTF-8 bytes, read as an unsigned big-endian integer.</summary>
    /// <param name="utf8PartitionKey">The partition key in UTF-8. Only read; nothing is allocated.</param>
    public static HashKey Of(ReadOnlySpan<byte> utf8PartitionKey)
    {
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
        // MD5 spreads keys over shards as Kinesis demands; it protects nothing here.
#pragma warning disable CA5351
        MD5.HashData(utf8PartitionKey, digest);
#pragma warning restore CA5351
        return new HashKey(BinaryPrimitives.ReadUInt128BigEndian(digest));
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
}
