using System.Security.Cryptography;
using System.Text;

namespace Weir.Server.Security.Signatures;

/// <summary>What signs the requests of one access key on one day in one region.</summary>
/// <param name="Region">The region.</param>
/// <param name="Bytes">32 bytes: an HMAC chain over date, region, service and terminator.</param>
internal sealed record SigningKey(string Region, byte[] Bytes)
{
    /// <summary>Derives the key.</summary>
    /// <param name="secret">The secret access key.</param>
    /// <param name="date">The day, as <c>20260101</c>.</param>
    /// <param name="region">The region.</param>
    /// <param name="service"><c>kinesis</c>; the vectors that AWS publishes have others.</param>
    public static SigningKey Derive(string secret, ReadOnlySpan<char> date, ReadOnlySpan<char> region, string service = SignatureScope.Service)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        key = Step(key, date);
        key = Step(key, region);
        key = Step(key, service);
        key = Step(key, SignatureScope.Terminator);
        return new SigningKey(region.ToString(), key);
    }

    /// <summary>Signs a canonical request, in lower-case hexadecimal digits.</summary>
    /// <param name="canonicalRequest">See <see cref="CanonicalRequest"/>.</param>
    /// <param name="time">The request's time, as <c>20260101T120000Z</c>.</param>
    /// <param name="scope">The credential without its access key.</param>
    /// <param name="signature">Takes <see cref="SignatureVerifier.SignatureCharacters"/> ASCII characters.</param>
    public void Sign(in CanonicalText canonicalRequest, string time, ReadOnlySpan<char> scope, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        canonicalRequest.Hash(hash);
        var toSign = new CanonicalText();
        try
        {
            toSign.Add(SignatureVerifier.Algorithm);
            toSign.Add('\n');
            toSign.Add(time);
            toSign.Add('\n');
            toSign.Add(scope);
            toSign.Add('\n');
            toSign.AddHex(hash);
            HMACSHA256.HashData(Bytes, toSign.Bytes, hash);
        }
        finally
        {
            toSign.Dispose();
        }

        Convert.TryToHexStringLower(hash, signature, out _);
    }

    private static byte[] Step(byte[] key, ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        return HMACSHA256.HashData(key, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }
}
