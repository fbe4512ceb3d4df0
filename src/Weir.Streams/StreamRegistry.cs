using System.Collections.Concurrent;
using Weir.Log;
using Weir.Model;

namespace Weir.Streams;

/// <summary>Finds streams by name or identity, and lists the names of one account and region in order.</summary>
/// <remarks>Thread-safe; look-ups take no lock.</remarks>
public sealed class StreamRegistry
{
    private readonly ConcurrentDictionary<StreamName, DataStream> _byName = new();
    private readonly ConcurrentDictionary<LogId, DataStream> _byId = new();

    // Sorted in byte order; replaced as a whole by Add and Remove, so that a page costs what it shows.
    private readonly ConcurrentDictionary<(string Account, string Region), string[]> _names = new();

    /// <summary>Every stream, in no order.</summary>
    public ICollection<DataStream> All => _byName.Values;

    /// <summary>The stream with this name, in whatever status, or null.</summary>
    public DataStream? Find(StreamName name) => _byName.GetValueOrDefault(name);

    /// <summary>The stream with this identity, or null when it is gone.</summary>
    public DataStream? Find(LogId id) => _byId.GetValueOrDefault(id);

    /// <summary>Up to <paramref name="limit"/> streams of an account and region whose names come after <paramref name="after"/>.</summary>
    public IReadOnlyList<DataStream> List(string account, string region, string? after, int limit, out bool more)
    {
        var names = _names.GetValueOrDefault((account, region), []);
        var start = 0;
        if (after is not null)
        {
            start = Array.BinarySearch(names, after, StringComparer.Ordinal);
            start = start < 0 ? ~start : start + 1;
        }

        var page = new List<DataStream>(Math.Min(limit, names.Length - start));
        var at = start;
        for (; at < names.Length && page.Count < limit; at++)
        {
            // A stream may have gone since the names were taken.
            if (Find(new StreamName(account, region, names[at])) is { } stream)
                page.Add(stream);
        }

        more = at < names.Length;
        return page;
    }

    /// <summary>Adds a stream unless its name is taken.</summary>
    internal bool TryAdd(DataStream stream)
    {
        if (!_byName.TryAdd(stream.Name, stream))
            return false;
        _byId[stream.Id] = stream;
        ChangeNames(stream.Name, static (names, name) => [.. names.Append(name).Order(StringComparer.Ordinal)]);
        return true;
    }

    /// <summary>Removes a stream; its name is free again.</summary>
    internal void Remove(DataStream stream)
    {
        _byId.TryRemove(stream.Id, out _);
        ChangeNames(stream.Name, static (names, name) => [.. names.Where(other => other != name)]);
        _byName.TryRemove(stream.Name, out _);
    }

    private void ChangeNames(StreamName name, Func<string[], string, string[]> change) => _names.AddOrUpdate(
        (name.Account, name.Region),
        (_, added) => change([], added),
        (_, names, added) => change(names, added),
        name.Name);
}
