using System.Collections.Concurrent;
using System.Collections.Immutable;
using Weir.Streams.Catalog;

namespace Weir.Streams.Encryption;

/// <summary>The local data keys: one for each key that callers have named, made at its first use and kept in the catalog.</summary>
/// <remarks>
/// Thread-safe. The keys are as many as names that streams were ever encrypted with, some hundred bytes each. There is no key service
/// behind them, so a key is usable unless <see cref="SetState"/> says otherwise: that is for tests, in memory only, and also for names
/// that have no key yet.
/// </remarks>
public sealed class DataKeys
{
    private readonly DataKeyTable _table;
    private readonly ConcurrentDictionary<KeyName, DataKey> _byName = new();
    private readonly ConcurrentDictionary<uint, DataKey> _byNumber = new();

    // Replaced as a whole. Empty but in tests, so that looking costs nothing.
    private ImmutableDictionary<KeyName, KeyState> _states = ImmutableDictionary<KeyName, KeyState>.Empty;

    internal DataKeys(DataKeyTable table) => _table = table;

    /// <summary>Whether a key can be used.</summary>
    public KeyState StateOf(in KeyName name)
    {
        var states = Volatile.Read(ref _states);
        return states.IsEmpty ? KeyState.Usable : states.GetValueOrDefault(name);
    }

    /// <summary>Makes a key unusable for what follows, or usable again.</summary>
    public void SetState(KeyName name, KeyState state) => ImmutableInterlocked.Update(
        ref _states, (states, change) => change.State == KeyState.Usable ? states.Remove(change.Name) : states.SetItem(change.Name, change.State), (Name: name, State: state));

    /// <summary>Whether records can be put into a stream as it is now: the state of its key, usable for one that is not encrypted.</summary>
    public KeyState StateFor(DataStream.Snapshot stream) =>
        stream.Row.KeyId is { } keyId ? StateOf(KeyName.Of(stream.Row.Name, keyId)) : KeyState.Usable;

    /// <summary>The key that new records of a stream are encrypted with; null for a stream that is not encrypted.</summary>
    /// <exception cref="InvalidDataException">The catalog says that the stream is encrypted and has no key for it.</exception>
    internal DataKey? For(DataStream.Snapshot stream)
    {
        if (stream.Row.KeyId is not { } keyId)
            return null;
        return _byName.TryGetValue(KeyName.Of(stream.Row.Name, keyId), out var key)
            ? key
            : throw new InvalidDataException($"Stream {stream.Row.Name} is encrypted, but the catalog has no data key for it.");
    }

    /// <summary>The key that a stored record names.</summary>
    /// <exception cref="InvalidDataException">There is none: the log and the catalog do not belong together.</exception>
    internal DataKey Numbered(uint number) => _byNumber.TryGetValue(number, out var key)
        ? key
        : throw new InvalidDataException($"A stored record is encrypted with data key {number}, which the catalog does not have.");

    /// <summary>The key of a name, made when there is none yet; durable when the task completes.</summary>
    internal async ValueTask<DataKey> GetOrCreateAsync(KeyName name, CancellationToken cancellationToken) =>
        _byName.TryGetValue(name, out var key) ? key : Add(await _table.GetOrCreateAsync(name, cancellationToken).ConfigureAwait(false));

    /// <summary>Reads what the catalog has. Before the first stream is opened.</summary>
    internal async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var row in await _table.LoadAsync(cancellationToken).ConfigureAwait(false))
            Add(row);
    }

    /// <summary>Frees the ciphers; nothing is read or put any more.</summary>
    internal void Clear()
    {
        foreach (var key in _byNumber.Values)
            key.Clear();
    }

    // Two callers may have come with one name: the catalog gave both the same row, and the first key stays.
    private DataKey Add(DataKeyRow row)
    {
        var key = _byName.GetOrAdd(row.Name, static (name, made) => new DataKey(made.Number, name, made.Secret), row);
        _byNumber.TryAdd(key.Number, key);
        return key;
    }
}
