using System.Text;
using Weir.Model;

namespace Weir.Producer.Records;

/// <summary>The hash keys of the partition keys that come again and again: an MD5 costs as much as all the rest of a put. Thread-safe, without locks.</summary>
/// <remarks>
/// Each key has one place, which it shares with others. It is taken by a key that is not there in one of eight cases, by turns: keys that never come
/// again would otherwise cost an object each. Some 300 KB when it is full of keys of 20 characters.
/// </remarks>
internal sealed class HashKeyCache
{
    private const int Places = 4096;
    private const int TakeEvery = 8;

    // A partition key has up to 256 characters, of up to 3 bytes each in UTF-8.
    private const int MaxKeyBytes = 3 * KinesisLimits.MaxPartitionKeyCharacters;

    // An entry is never changed, and replaced as a whole; who reads sees the old one or the new one.
    private readonly Entry?[] _entries = new Entry?[Places];
    private int _misses;

    /// <summary>The hash key of a partition key of up to 256 characters.</summary>
    public HashKey Of(string partitionKey)
    {
        ref var place = ref _entries[partitionKey.GetHashCode(StringComparison.Ordinal) & (Places - 1)];
        if (Volatile.Read(ref place) is { } entry && (ReferenceEquals(entry.PartitionKey, partitionKey) || entry.PartitionKey == partitionKey))
            return entry.HashKey;
        Span<byte> utf8 = stackalloc byte[MaxKeyBytes];
        var hashKey = HashKey.Of(utf8[..Encoding.UTF8.GetBytes(partitionKey, utf8)]);
        // Counted without care for other threads: it only has to be about every eighth.
        if (++_misses % TakeEvery == 0)
            Volatile.Write(ref place, new Entry(partitionKey, hashKey));
        return hashKey;
    }

    private sealed record Entry(string PartitionKey, HashKey HashKey);
}
