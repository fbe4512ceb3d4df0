using System.Collections.Concurrent;

namespace Weir.Streams.Encryption;

/// <summary>A local key that records are encrypted with. It never changes and is never deleted: old records need it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class DataKey
{
    /// <summary>Length of the secret.</summary>
    public const int SecretBytes = 32;

    private readonly byte[] _secret;

    // As many as ever worked at once; each is a context of the crypto library, which takes a microsecond or two to set up.
    private readonly ConcurrentBag<RecordCipher> _idle = [];

    public DataKey(uint number, KeyName name, byte[] secret)
    {
        if (secret.Length != SecretBytes)
            throw new InvalidDataException($"Data key {number} has {secret.Length} bytes; it must have {SecretBytes}.");
        (Number, Name, _secret) = (number, name, secret);
    }

    /// <summary>What stored records name the key by; from 1, never reused.</summary>
    public uint Number { get; }

    /// <summary>What callers name it by.</summary>
    public KeyName Name { get; }

    /// <summary>A cipher for the caller alone, until it is disposed.</summary>
    public RecordCipher Rent() => (_idle.TryTake(out var idle) ? idle : new RecordCipher(this, _secret, counter: 0)).Take();

    /// <summary>For the cipher: its user has done.</summary>
    public void Return(RecordCipher cipher) => _idle.Add(cipher);

    /// <summary>Frees the idle ciphers; nobody rents any more.</summary>
    public void Clear()
    {
        while (_idle.TryTake(out var cipher))
            cipher.Destroy();
    }
}
