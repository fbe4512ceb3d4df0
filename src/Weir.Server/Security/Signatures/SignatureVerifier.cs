using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weir.Protocol;
using Weir.Server.Security.Credentials;

namespace Weir.Server.Security.Signatures;

/// <summary>Verifies AWS Signature Version 4 of a request, in the order of spec sections 4.1 and 4.2. Thread-safe.</summary>
/// <param name="time">The clock that the request's time is compared with.</param>
internal sealed class SignatureVerifier(TimeProvider time)
{
    /// <summary>The one algorithm.</summary>
    public const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Characters of a signature.</summary>
    public const int SignatureCharacters = 2 * SHA256.HashSizeInBytes;

    /// <summary>Finds out who signed a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body, as it was received.</param>
    /// <param name="keys">Who may sign.</param>
    /// <param name="verified">Whose signature it is, for which region.</param>
    /// <returns>Null, or the exact error.</returns>
    public KinesisError? Verify(HttpRequest request, ReadOnlySpan<byte> body, AccessKeySet keys, out VerifiedSignature verified)
    {
        verified = default;
        var target = RawTarget.Parse(request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var query = QueryParameters.Parse(target.Query);
        if (SignatureClaim.Read(request.Headers, query, out var claim) is { } incomplete)
            return incomplete;
        if (claim.Algorithm is not Algorithm)
            return KinesisErrors.AlgorithmNotSupported(claim.Algorithm.ToString());
        if (SignatureScope.Parse(claim.Credential, out var scope) is { } malformed)
            return malformed;
        if (!SignatureTime.TryParse(claim.Time, out var signedAt))
            return KinesisErrors.SignatureTimeMalformed(claim.Time);
        if (scope.Check(signedAt.Text) is { } wrongScope)
            return wrongScope;
        var now = time.GetUtcNow();
        if (signedAt.CheckSkew(now, claim) is { } skewed)
            return skewed;
        if (keys.Find(scope.AccessKeyId) is not { } accessKey)
            return KinesisErrors.UnrecognizedClient;
        if (accessKey.CheckToken(claim.SecurityToken, now) is { } wrongToken)
            return wrongToken;

        var headers = SignedHeaders.Parse(claim.SignedHeaders);
        if (CheckSignedHeaders(request.Headers, headers) is { } unsigned)
            return unsigned;
        Span<byte> bodyHash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, bodyHash);
        if (headers.Contains("x-amz-content-sha256") && !IsHash(request.Headers["X-Amz-Content-Sha256"].ToString(), bodyHash))
            return KinesisErrors.SignatureMismatch;

        var key = keys.SigningKeys.Find(claim.Credential);
        var signingKey = key ?? SigningKey.Derive(accessKey.Secret, scope.Date, scope.Region);
        Span<byte> expected = stackalloc byte[SignatureCharacters];
        var canonical = new CanonicalText();
        try
        {
            CanonicalRequest.Write(
                ref canonical,
                request.Method,
                CanonicalPath.Of(target.Path),
                query.Canonical(except: claim.IsPresigned ? QuerySignature.Signature : null),
                request.Headers,
                headers,
                bodyHash);
            signingKey.Sign(canonical, signedAt.Text, scope.Text, expected);
        }
        finally
        {
            canonical.Dispose();
        }

        if (!IsSame(expected, claim.Signature))
            return KinesisErrors.SignatureMismatch;
        if (key is null)
            keys.SigningKeys.Keep(claim.Credential, signingKey);
        verified = new VerifiedSignature(accessKey, signingKey.Region);
        return null;
    }

    // The target decides which operation a body is for, so a signature that leaves it out would be good for any of them.
    private static KinesisError? CheckSignedHeaders(IHeaderDictionary headers, SignedHeaders signed)
    {
        if (!signed.ContainHost)
            return KinesisErrors.HeaderNotSigned("'Host' or ':authority'");
        foreach (var (header, name) in (ReadOnlySpan<(string, string)>)
            [("X-Amz-Date", "x-amz-date"), ("X-Amz-Security-Token", "x-amz-security-token"), ("X-Amz-Target", "x-amz-target")])
        {
            if (!signed.Contains(name) && headers.ContainsKey(header))
                return KinesisErrors.HeaderNotSigned($"'{header}'");
        }

        return null;
    }

    private static bool IsHash(string text, ReadOnlySpan<byte> hash)
    {
        Span<byte> expected = stackalloc byte[SignatureCharacters];
        Convert.TryToHexStringLower(hash, expected, out _);
        return IsSame(expected, text);
    }

    // In constant time: how much of a guess was right must not show in how long its refusal takes.
    private static bool IsSame(ReadOnlySpan<byte> expected, ReadOnlySpan<char> given)
    {
        if (given.Length != SignatureCharacters)
            return false;
        Span<byte> bytes = stackalloc byte[SignatureCharacters];
        return System.Text.Ascii.FromUtf16(given, bytes, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(expected, bytes);
    }
}

/// <summary>A signature that was right.</summary>
/// <param name="Key">Whose it is.</param>
/// <param name="Region">The region that the request was signed for.</param>
internal readonly record struct VerifiedSignature(AccessKey Key, string Region);
