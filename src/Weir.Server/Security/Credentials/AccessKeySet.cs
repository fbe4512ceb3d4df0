using System.Collections.Frozen;
using Weir.Server.Security.Signatures;

namespace Weir.Server.Security.Credentials;

/// <summary>Every access key that is in force at one moment, and the signing keys derived from them. A changed file makes a new set.</summary>
internal sealed class AccessKeySet
{
    private readonly FrozenDictionary<string, AccessKey> _keys;
    private readonly FrozenDictionary<string, AccessKey>.AlternateLookup<ReadOnlySpan<char>> _byText;

    /// <summary>Makes a set.</summary>
    public AccessKeySet(IEnumerable<AccessKey> keys)
    {
        _keys = keys.ToFrozenDictionary(key => key.Id, StringComparer.Ordinal);
        _byText = _keys.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>How many keys there are.</summary>
    public int Count => _keys.Count;

    /// <summary>Signing keys in use. With the set they go, so a removed access key leaves none behind.</summary>
    public SigningKeyCache SigningKeys { get; } = new();

    /// <summary>The key of an id, or null.</summary>
    public AccessKey? Find(ReadOnlySpan<char> id) => _byText.TryGetValue(id, out var key) ? key : null;
}
