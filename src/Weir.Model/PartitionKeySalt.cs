using System.Globalization;

namespace Weir.Model;

/// <summary>
/// Spreads a partition key that is too much for one shard over several: <c>key</c> becomes <c>key#0</c>, <c>key#1</c> and so on. Producers salt,
/// consumers take the salt off again. The records of a salted key have no order among each other.
/// </summary>
public static class PartitionKeySalt
{
    /// <summary>What stands between the key and its salt.</summary>
    public const char Separator = '#';

    /// <summary>The most salts that a key may have.</summary>
    public const int MaxSalts = 1000;

    /// <summary>The key with a salt.</summary>
    /// <param name="partitionKey">The key. It may hold the separator itself.</param>
    /// <param name="salt">0 to 999.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="salt"/> is out of range.</exception>
    public static string Add(string partitionKey, int salt)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        ArgumentOutOfRangeException.ThrowIfNegative(salt);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(salt, MaxSalts);
        return string.Create(CultureInfo.InvariantCulture, $"{partitionKey}{Separator}{salt}");
    }

    /// <summary>The key without its salt; a key that has none as it is.</summary>
    /// <param name="partitionKey">A record's partition key.</param>
    /// <remarks>
    /// A key that was never salted but ends like one that was (<c>room#12</c>) loses its end here: take salts off only where
    /// keys are salted.
    /// </remarks>
    public static string Remove(string partitionKey) => TryRemove(partitionKey, out var original, out _) ? original : partitionKey;

    /// <summary>Takes a key and its salt apart.</summary>
    /// <returns>False when the key has no salt.</returns>
    public static bool TryRemove(string partitionKey, out string original, out int salt)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        original = partitionKey;
        salt = 0;
        var at = partitionKey.LastIndexOf(Separator);
        // A salt is written in one way only: 07 is none.
        if (at <= 0 || partitionKey.Length - at is < 2 or > 4 || (partitionKey[at + 1] == '0' && partitionKey.Length - at > 2)
            || !int.TryParse(partitionKey.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out salt))
            return false;
        original = partitionKey[..at];
        return true;
    }
}
