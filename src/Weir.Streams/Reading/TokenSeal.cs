using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Weir.Streams.Reading;

/// <summary>What a sealed token is for. A token of one kind is never taken for another.</summary>
public enum TokenKind : byte
{
    /// <summary>A shard iterator.</summary>
    ShardIterator = 1,

    /// <summary>The NextToken of ListShards.</summary>
    ListShards = 2,

    /// <summary>The NextToken of ListStreams.</summary>
    ListStreams = 3,

    /// <summary>The NextToken of ListStreamConsumers.</summary>
    ListConsumers = 4,
}

/// <summary>Makes tokens that clients can carry but neither read nor forge: AES-GCM under a key of the catalog.</summary>
/// <remarks>
/// base64 of: version and kind (1 byte each), nonce (12), tag (16), sealed body. Any process with the same catalog can open them,
/// so they survive restarts. Thread-safe.
/// </remarks>
public sealed class TokenSeal(byte[] key) : IDisposable
{
    /// <summary>Length of the key.</summary>
    public const int KeyBytes = 32;

    private const byte Version = 1;
    private const int PrefixBytes = 2;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int OverheadBytes = PrefixBytes + NonceBytes + TagBytes;

    // Longer texts cannot be tokens of ours: bodies hold a few numbers and names of at most 128 characters.
    private const int MaxTokenCharacters = 1024;

    // One AES-GCM context serves one caller at a time; idle ones wait here. As many as ever ran at once.
    private readonly ConcurrentBag<AesGcm> _idle = [];

    /// <summary>Seals a body.</summary>
    public string Seal(TokenKind kind, ReadOnlySpan<byte> body)
    {
        Span<byte> token = stackalloc byte[OverheadBytes + body.Length];
        token[0] = Version;
        token[1] = (byte)kind;
        var nonce = token.Slice(PrefixBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        var aes = _idle.TryTake(out var idle) ? idle : new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, body, token[OverheadBytes..], token.Slice(PrefixBytes + NonceBytes, TagBytes), token[..PrefixBytes]);
        _idle.Add(aes);
        return Convert.ToBase64String(token);
    }

    /// <summary>Opens a token.</summary>
    /// <returns>The body, or null when this key did not seal the token for this purpose.</returns>
    public byte[]? Open(TokenKind kind, string text)
    {
        if (text.Length > MaxTokenCharacters)
            return null;
        Span<byte> token = stackalloc byte[MaxTokenCharacters];
        if (!Convert.TryFromBase64String(text, token, out var length) || length < OverheadBytes)
            return null;
        token = token[..length];
        if (token[0] != Version || token[1] != (byte)kind)
            return null;
        var body = new byte[length - OverheadBytes];
        var aes = _idle.TryTake(out var idle) ? idle : new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(
                token.Slice(PrefixBytes, NonceBytes), token[OverheadBytes..], token.Slice(PrefixBytes + NonceBytes, TagBytes), body, token[..PrefixBytes]);
            return body;
        }
        catch (AuthenticationTagMismatchException)
        {
            // A forged or foreign token: the caller answers with the protocol's error for it.
            return null;
        }
        finally
        {
            _idle.Add(aes);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        while (_idle.TryTake(out var aes))
            aes.Dispose();
    }
}
