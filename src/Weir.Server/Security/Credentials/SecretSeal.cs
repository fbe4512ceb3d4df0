using System.Security.Cryptography;
using System.Text;

namespace Weir.Server.Security.Credentials;

/// <summary>Seals secret access keys for the credentials file, with AES-256-GCM (docs/adr/0014-signatures-and-policies.md).</summary>
/// <remarks>
/// Verifying a signature needs the secret itself, so it cannot be hashed. Sealed, the credentials file gives nothing away alone; whoever
/// has the sealing key as well has the secrets. The access key's id is authenticated: a sealed secret is good for its own key only.
/// </remarks>
internal sealed class SecretSeal : IDisposable
{
    /// <summary>Bytes of the sealing key.</summary>
    public const int KeyBytes = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly AesGcm _cipher;

    private SecretSeal(byte[] key) => _cipher = new AesGcm(key, TagBytes);

    /// <summary>Reads the sealing key.</summary>
    /// <param name="text">The key in base64, white space around it allowed.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <exception cref="CredentialsFileException">It is no key.</exception>
    public static SecretSeal Read(string text, string source)
    {
        var key = new byte[KeyBytes];
        if (!Convert.TryFromBase64String(text.Trim(), key, out var length) || length != KeyBytes)
            throw new CredentialsFileException($"{source} is no sealing key: it must be {KeyBytes} bytes in base64.");
        return new SecretSeal(key);
    }

    /// <summary>A new sealing key, as text.</summary>
    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>Seals a secret.</summary>
    /// <returns>Nonce, tag and encrypted secret, in base64.</returns>
    public string Seal(string accessKeyId, string secret)
    {
        var text = Encoding.UTF8.GetBytes(secret);
        var bytes = new byte[NonceBytes + TagBytes + text.Length];
        var nonce = bytes.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(nonce, text, bytes.AsSpan(NonceBytes + TagBytes), bytes.AsSpan(NonceBytes, TagBytes), Bound(accessKeyId));
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Opens what was sealed.</summary>
    /// <returns>The secret; null when it was sealed with another key, for another access key, or was changed.</returns>
    public string? Open(string accessKeyId, string sealedSecret)
    {
        var bytes = new byte[sealedSecret.Length];
        if (!Convert.TryFromBase64String(sealedSecret, bytes, out var length) || length < NonceBytes + TagBytes)
            return null;
        var text = new byte[length - NonceBytes - TagBytes];
        try
        {
            _cipher.Decrypt(
                bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes + TagBytes, text.Length), bytes.AsSpan(NonceBytes, TagBytes), text, Bound(accessKeyId));
            return Encoding.UTF8.GetString(text);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _cipher.Dispose();

    private static byte[] Bound(string accessKeyId) => Encoding.UTF8.GetBytes($"weir-credentials-1:{accessKeyId}");
}
