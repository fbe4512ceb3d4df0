using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams;

/// <summary>Changes the tags of streams. A change is durable when its call returns.</summary>
/// <remarks>
/// Thread-safe. A stream stays ACTIVE meanwhile, and two changes at once both take place: tags are beside the stream's other values,
/// so a change neither waits for a reshard nor holds one up.
/// </remarks>
public sealed class Tagging : IDisposable
{
    private readonly StreamCatalog _catalog;

    // The catalog and the snapshot change in the same order. Held across catalog I/O, where only one change at a time goes on anyway.
    private readonly SemaphoreSlim _turn = new(1, 1);

    internal Tagging(StreamCatalog catalog) => _catalog = catalog;

    /// <summary>Adds tags, or changes the values of those that are there.</summary>
    /// <returns>Changed, or why not; then nothing has changed. The caller has checked the characters.</returns>
    public Task<TagOutcome> AddAsync(DataStream stream, IReadOnlyDictionary<string, string> tags) =>
        ChangeAsync(stream, tags, []);

    /// <summary>Removes tags; keys that are not there are ignored.</summary>
    /// <returns>Changed, or why not; then nothing has changed.</returns>
    public Task<TagOutcome> RemoveAsync(DataStream stream, IReadOnlyCollection<string> keys) =>
        ChangeAsync(stream, new Dictionary<string, string>(), keys);

    /// <summary>No change may be under way.</summary>
    public void Dispose() => _turn.Dispose();

    private async Task<TagOutcome> ChangeAsync(DataStream stream, IReadOnlyDictionary<string, string> set, IReadOnlyCollection<string> removed)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var snapshot = stream.Current;
            var changed = snapshot.Tags.With(set).Without(removed);
            if (changed.Count > KinesisLimits.MaxTags)
                return TagOutcome.TooMany;
            if (snapshot.Row.Status != StreamStatus.Active)
                return TagOutcome.NotActive;
            // The catalog looks at the status again: a deletion may have come first.
            if (!await _catalog.ChangeTagsAsync(stream.Id, set, removed, CancellationToken.None).ConfigureAwait(false))
                return TagOutcome.NotActive;
            stream.Publish(now => now with { Tags = changed });
            return TagOutcome.Changed;
        }
        finally
        {
            _turn.Release();
        }
    }
}

/// <summary>What became of a change of tags.</summary>
public enum TagOutcome
{
    /// <summary>Done, and durable.</summary>
    Changed,

    /// <summary>The stream would have more tags than it may.</summary>
    TooMany,

    /// <summary>The stream is in a status that takes no changes.</summary>
    NotActive,
}
