using Microsoft.AspNetCore.Http;
using Weir.Protocol;

namespace Weir.Server.Security.Signatures;

/// <summary>What a request says about its own signature, before anything of it is believed: the checks of spec section 4.1.</summary>
internal readonly ref struct SignatureClaim
{
    /// <summary>The header's or the query's algorithm.</summary>
    public ReadOnlySpan<char> Algorithm { get; init; }

    /// <summary><c>KEY/20260101/eu-west-1/kinesis/aws4_request</c>.</summary>
    public ReadOnlySpan<char> Credential { get; init; }

    /// <summary>The names of the signed headers, joined by semicolons.</summary>
    public ReadOnlySpan<char> SignedHeaders { get; init; }

    /// <summary>The signature.</summary>
    public ReadOnlySpan<char> Signature { get; init; }

    /// <summary>When the request says that it was signed.</summary>
    public string Time { get; init; }

    /// <summary>The session token of temporary credentials; null without one.</summary>
    public string? SecurityToken { get; init; }

    /// <summary>Whether the signature is in the query.</summary>
    public bool IsPresigned { get; init; }

    /// <summary>How long a presigned request says that it lives, in seconds; null when it does not say.</summary>
    public string? Lifetime { get; init; }

    /// <summary>Finds the signature of a request, in its header or its query.</summary>
    /// <returns>Null, or what is missing.</returns>
    public static KinesisError? Read(IHeaderDictionary headers, QueryParameters query, out SignatureClaim claim)
    {
        claim = default;
        var authorization = headers.Authorization.ToString();
        var isPresigned = query.Find(QuerySignature.Algorithm) is not null;
        if (authorization.Length > 0)
            return isPresigned ? KinesisErrors.SignedTwice : HeaderSignature.Read(authorization, headers, out claim);
        return isPresigned ? QuerySignature.Read(query, out claim) : KinesisErrors.NotSigned;
    }
}
