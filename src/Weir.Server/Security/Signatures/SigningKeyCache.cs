using System.Collections.Concurrent;

namespace Weir.Server.Security.Signatures;

/// <summary>The signing keys in use, by credential. Thread-safe.</summary>
/// <remarks>
/// A client signs with one key a day and region, and deriving it costs four HMACs. Bounded: at the bound all keys are forgotten, which costs
/// each credential one derivation. Only credentials whose signature was right get in, so strangers cannot empty it.
/// </remarks>
internal sealed class SigningKeyCache
{
    /// <summary>Most keys that are kept.</summary>
    public const int MaxKeys = 1024;

    private readonly ConcurrentDictionary<string, SigningKey> _keys;
    private readonly ConcurrentDictionary<string, SigningKey>.AlternateLookup<ReadOnlySpan<char>> _byText;

    /// <summary>Makes an empty cache.</summary>
    public SigningKeyCache()
    {
        _keys = new ConcurrentDictionary<string, SigningKey>(StringComparer.Ordinal);
        _byText = _keys.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>How many keys it holds.</summary>
    public int Count => _keys.Count;

    /// <summary>The key of a credential, or null.</summary>
    public SigningKey? Find(ReadOnlySpan<char> credential) => _byText.TryGetValue(credential, out var key) ? key : null;

    /// <summary>Keeps a key whose signature was right.</summary>
    public void Keep(ReadOnlySpan<char> credential, SigningKey key)
    {
        if (_keys.Count >= MaxKeys)
            _keys.Clear();
        _byText[credential] = key;
    }
}
