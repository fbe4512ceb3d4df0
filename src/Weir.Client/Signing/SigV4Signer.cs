using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;

namespace Weir.Client.Signing;

/// <summary>A header that takes part in the signature.</summary>
/// <param name="Name">In lower case.</param>
/// <param name="Value">Without space around it.</param>
internal readonly record struct SignedHeader(string Name, string Value);

/// <summary>AWS Signature Version 4, as spec section 4.3 restates it: header form, body always hashed. Thread-safe.</summary>
/// <remarks>
/// Ours, because the signer of AWSSDK.Core takes that SDK's own request type with its whole pipeline. Signing a request costs one
/// SHA-256 pass over the body and little else: the signing key is derived once a day.
/// </remarks>
/// <param name="region">For example <c>us-east-1</c>.</param>
/// <param name="service">For example <c>kinesis</c>.</param>
internal sealed class SigV4Signer(string region, string service)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Terminator = "aws4_request";

    // Replaced as a whole, so readers see the old key or the new one.
    private volatile SigningKey? _key;

    /// <summary>The form that <c>X-Amz-Date</c> has: <c>20150830T123600Z</c>.</summary>
    public static string FormatTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The canonical form of a path: each segment is encoded once more than on the wire.</summary>
    /// <param name="absolutePath">The path as it goes on the wire.</param>
    public static string CanonicalPath(string absolutePath) =>
        absolutePath is "" or "/" ? "/" : string.Join('/', absolutePath.Split('/').Select(Uri.EscapeDataString));

    /// <summary>Computes the value of the <c>Authorization</c> header.</summary>
    /// <param name="credentials">Who signs.</param>
    /// <param name="time">The time that the request's <c>X-Amz-Date</c> says.</param>
    /// <param name="method">For example <c>POST</c>.</param>
    /// <param name="canonicalPath">See <see cref="CanonicalPath"/>.</param>
    /// <param name="canonicalQuery">Encoded and sorted; empty when there is none.</param>
    /// <param name="headers">Sorted by name; <c>host</c> and <c>x-amz-date</c> must be among them.</param>
    /// <param name="body">The body. Only read.</param>
    public string Sign(
        ImmutableCredentials credentials,
        DateTimeOffset time,
        string method,
        string canonicalPath,
        string canonicalQuery,
        ReadOnlySpan<SignedHeader> headers,
        ReadOnlySpan<byte> body)
    {
        var stamp = FormatTime(time);
        var date = stamp[..8];
        var scope = $"{date}/{region}/{service}/{Terminator}";

        var canonical = new StringBuilder(512);
        canonical.Append(method).Append('\n').Append(canonicalPath).Append('\n').Append(canonicalQuery).Append('\n');
        var names = new StringBuilder(64);
        var previous = "";
        foreach (var (name, value) in headers)
        {
            Debug.Assert(string.CompareOrdinal(previous, name) < 0, "Headers are sorted by name.");
            canonical.Append(name).Append(':').Append(value).Append('\n');
            names.Append(previous.Length == 0 ? "" : ";").Append(name);
            previous = name;
        }

        canonical.Append('\n').Append(names).Append('\n').Append(Convert.ToHexStringLower(SHA256.HashData(body)));

        var canonicalHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())));
        var stringToSign = $"{Algorithm}\n{stamp}\n{scope}\n{canonicalHash}";
        var signature = HMACSHA256.HashData(KeyFor(credentials.SecretKey, date), Encoding.UTF8.GetBytes(stringToSign));
        return $"{Algorithm} Credential={credentials.AccessKey}/{scope}, SignedHeaders={names}, Signature={Convert.ToHexStringLower(signature)}";
    }

    /// <summary>The key that signs on one day: an HMAC chain over date, region, service and terminator.</summary>
    public static byte[] DeriveKey(string secret, string date, string region, string service)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var step in (ReadOnlySpan<string>)[date, region, service, Terminator])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        return key;
    }

    private byte[] KeyFor(string secret, string date)
    {
        var key = _key;
        if (key is null || key.Date != date || key.Secret != secret)
            _key = key = new SigningKey(secret, date, DeriveKey(secret, date, region, service));
        return key.Value;
    }

    private sealed record SigningKey(string Secret, string Date, byte[] Value);
}
