using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weir.Streams.Encryption;

/// <summary>AES-256-GCM under one data key, for one caller at a time. Rented from <see cref="DataKey"/>; disposing gives it back.</summary>
/// <remarks>
/// Not thread-safe. No nonce is used twice under a key: eight bytes are random for each cipher, and for each 2^32 records of it, and four
/// count. Ciphers are as many as ever worked at once, in each run of the server, so even a million of them collide with a chance below
/// one in ten million; twelve random bytes for each record would not do, since a busy key sees more than 2^32 of them.
/// </remarks>
internal sealed class RecordCipher : IDisposable
{
    /// <summary>Length of a nonce.</summary>
    public const int NonceBytes = 12;

    /// <summary>Length of an authentication tag.</summary>
    public const int TagBytes = 16;

    private const int CounterAt = 8;

    private readonly DataKey _key;
    private readonly AesGcm _aes;
    private readonly byte[] _nonce = new byte[NonceBytes];
    private uint _counter;
    private bool _rented;

    public RecordCipher(DataKey key, byte[] secret, uint counter)
    {
        (_key, _counter) = (key, counter);
        _aes = new AesGcm(secret, TagBytes);
        RandomNumberGenerator.Fill(_nonce.AsSpan(0, CounterAt));
    }

    /// <summary>What stored records name the key by.</summary>
    public uint KeyNumber => _key.Number;

    /// <summary>Encrypts in place.</summary>
    /// <param name="bytes">Plain before, encrypted after.</param>
    /// <param name="associated">What is authenticated with it.</param>
    /// <param name="nonce">Takes the nonce.</param>
    /// <param name="tag">Takes the tag.</param>
    public void Encrypt(Span<byte> bytes, ReadOnlySpan<byte> associated, Span<byte> nonce, Span<byte> tag)
    {
        if (_counter == uint.MaxValue)
            RandomNumberGenerator.Fill(_nonce.AsSpan(0, CounterAt));
        BinaryPrimitives.WriteUInt32LittleEndian(_nonce.AsSpan(CounterAt), unchecked(++_counter));
        _nonce.CopyTo(nonce);
        _aes.Encrypt(nonce, bytes, bytes, tag, associated);
    }

    /// <summary>Decrypts.</summary>
    /// <returns>False when the bytes are not what was encrypted with this key, nonce, tag and associated bytes.</returns>
    public bool TryDecrypt(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> tag, Span<byte> plain)
    {
        try
        {
            _aes.Decrypt(nonce, bytes, tag, plain, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            // The caller knows where the bytes come from and says so.
            return false;
        }
    }

    /// <summary>Gives the cipher back. A second time does nothing: two callers with one cipher would be two records with one nonce.</summary>
    public void Dispose()
    {
        if (!_rented)
            return;
        _rented = false;
        _key.Return(this);
    }

    /// <summary>For the key: the cipher has a user now.</summary>
    public RecordCipher Take()
    {
        _rented = true;
        return this;
    }

    /// <summary>For the key: frees the cipher for good.</summary>
    public void Destroy() => _aes.Dispose();
}
