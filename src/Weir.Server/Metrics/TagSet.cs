using System.Diagnostics.CodeAnalysis;

namespace Weir.Server.Metrics;

/// <summary>The tags of one series. Immutable.</summary>
internal sealed class TagSet
{
    private readonly KeyValuePair<string, object?>[] _tags;

    /// <summary>Copies the tags.</summary>
    public TagSet(ReadOnlySpan<KeyValuePair<string, object?>> tags) => _tags = tags.ToArray();

    /// <summary>The tags in the order in which they were given.</summary>
    public ReadOnlySpan<KeyValuePair<string, object?>> All => _tags;

    /// <summary>The tag's value as text, or null when it is not there.</summary>
    public string? Find(string name)
    {
        foreach (var (key, value) in _tags)
        {
            if (key == name)
                return value?.ToString();
        }

        return null;
    }
}

/// <summary>
/// Finds a series by tags that lie on the measurer's stack: no look-up allocates. Tags are compared in their order, which every place that
/// measures keeps the same for its instrument.
/// </summary>
internal sealed class TagSetComparer : IEqualityComparer<TagSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, TagSet>
{
    public static readonly TagSetComparer Instance = new();

    public bool Equals(TagSet? x, TagSet? y) => x is null ? y is null : y is not null && Equals(x.All, y);

    public int GetHashCode([DisallowNull] TagSet obj) => GetHashCode(obj.All);

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, TagSet other)
    {
        var tags = other.All;
        if (alternate.Length != tags.Length)
            return false;
        for (var i = 0; i < tags.Length; i++)
        {
            if (alternate[i].Key != tags[i].Key || !Equals(alternate[i].Value, tags[i].Value))
                return false;
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        // The names of the tags are the same for all series of an instrument: hashing them would tell nothing.
        var hash = alternate.Length;
        foreach (var tag in alternate)
            hash = HashCode.Combine(hash, tag.Value);
        return hash;
    }

    public TagSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => new(alternate);
}
