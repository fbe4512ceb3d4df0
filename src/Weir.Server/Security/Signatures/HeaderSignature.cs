using Microsoft.AspNetCore.Http;
using Weir.Protocol;

namespace Weir.Server.Security.Signatures;

/// <summary>A signature in the <c>Authorization</c> header (spec section 4.1, check 3).</summary>
internal static class HeaderSignature
{
    /// <summary>Reads it.</summary>
    /// <param name="authorization">The header's value, not empty.</param>
    /// <param name="headers">The other headers, for the time and the session token.</param>
    /// <param name="claim">What was read.</param>
    /// <returns>Null, or everything that is missing.</returns>
    public static KinesisError? Read(string authorization, IHeaderDictionary headers, out SignatureClaim claim)
    {
        ReadOnlySpan<char> rest = authorization;
        var algorithm = NextToken(ref rest);
        ReadOnlySpan<char> credential = [], signature = [], signedHeaders = [];
        while (!rest.IsEmpty)
        {
            var token = NextToken(ref rest);
            var equals = token.IndexOf('=');
            if (equals < 0)
                continue;
            var value = token[(equals + 1)..];
            switch (token[..equals])
            {
                case "Credential":
                    credential = value;
                    break;
                case "Signature":
                    signature = value;
                    break;
                case "SignedHeaders":
                    signedHeaders = value;
                    break;
            }
        }

        var time = headers["X-Amz-Date"].ToString();
        if (time.Length == 0)
            time = headers.Date.ToString();
        claim = new SignatureClaim
        {
            Algorithm = algorithm,
            Credential = credential,
            Signature = signature,
            SignedHeaders = signedHeaders,
            Time = time,
            SecurityToken = headers.TryGetValue("X-Amz-Security-Token", out var session) ? session.ToString() : null,
        };
        return !credential.IsEmpty && !signature.IsEmpty && !signedHeaders.IsEmpty && time.Length > 0
            ? null
            : KinesisErrors.AuthorizationIncomplete(authorization, Missing(claim), date: time.Length == 0);
    }

    private static List<string> Missing(in SignatureClaim claim)
    {
        var missing = new List<string>();
        if (claim.Credential.IsEmpty)
            missing.Add("Credential");
        if (claim.Signature.IsEmpty)
            missing.Add("Signature");
        if (claim.SignedHeaders.IsEmpty)
            missing.Add("SignedHeaders");
        return missing;
    }

    // Commas and spaces part the tokens alike, so empty ones come between.
    private static ReadOnlySpan<char> NextToken(scoped ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAny(',', ' ');
        var token = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return token;
    }
}
