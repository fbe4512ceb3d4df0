using System.Collections.Immutable;
using Weir.Model;

namespace Weir.Streams.Consumers;

/// <summary>The consumers of a stream in byte order of their names. Immutable, so safe to share.</summary>
public sealed class ConsumerList
{
    /// <summary>No consumers.</summary>
    public static readonly ConsumerList Empty = new(ImmutableSortedDictionary.Create<string, StreamConsumer>(StringComparer.Ordinal));

    private readonly ImmutableSortedDictionary<string, StreamConsumer> _byName;

    private ConsumerList(ImmutableSortedDictionary<string, StreamConsumer> byName) => _byName = byName;

    /// <summary>How many there are, in whatever status.</summary>
    public int Count => _byName.Count;

    /// <summary>Every consumer in order of its name.</summary>
    public IEnumerable<StreamConsumer> All => _byName.Values;

    /// <summary>The consumer of this name, in whatever status, or null.</summary>
    public StreamConsumer? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The consumer that an ARN names, in whatever status; null also when the ARN is of an earlier one of its name.</summary>
    public StreamConsumer? Find(ConsumerArn arn) => Find(arn.Name) is { } consumer && consumer.Arn == arn ? consumer : null;

    /// <summary>Up to <paramref name="limit"/> consumers whose names come after <paramref name="after"/>, which need not be one of them.</summary>
    public IReadOnlyList<StreamConsumer> Page(string? after, int limit, out bool more)
    {
        var rest = All.Where(consumer => after is null || string.CompareOrdinal(consumer.Name, after) > 0).ToList();
        more = rest.Count > limit;
        return more ? rest[..limit] : rest;
    }

    internal ConsumerList With(StreamConsumer consumer) => new(_byName.SetItem(consumer.Name, consumer));

    internal ConsumerList Without(string name) => new(_byName.Remove(name));
}
