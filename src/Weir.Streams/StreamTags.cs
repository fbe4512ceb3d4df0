using System.Collections.Immutable;

namespace Weir.Streams;

/// <summary>The tags of a stream: values by key, in byte order of the keys. Immutable.</summary>
public sealed class StreamTags
{
    /// <summary>No tags.</summary>
    public static readonly StreamTags None = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    private readonly ImmutableSortedDictionary<string, string> _tags;

    private StreamTags(ImmutableSortedDictionary<string, string> tags) => _tags = tags;

    /// <summary>How many there are; at most <see cref="Model.KinesisLimits.MaxTags"/> on a stream.</summary>
    public int Count => _tags.Count;

    /// <summary>Every tag in order of its key.</summary>
    public IEnumerable<KeyValuePair<string, string>> All => _tags;

    /// <summary>These tags and others; where a key is in both, the other value counts.</summary>
    public StreamTags With(IEnumerable<KeyValuePair<string, string>> others) => new(_tags.SetItems(others));

    /// <summary>These tags without some keys; keys that are not there are ignored.</summary>
    public StreamTags Without(IEnumerable<string> keys) => new(_tags.RemoveRange(keys));

    /// <summary>Up to <paramref name="limit"/> tags whose keys come after <paramref name="after"/>, which need not be one of them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Page(string? after, int limit, out bool more)
    {
        var rest = _tags.Where(tag => after is null || string.CompareOrdinal(tag.Key, after) > 0).ToList();
        more = rest.Count > limit;
        return more ? rest[..limit] : rest;
    }
}
