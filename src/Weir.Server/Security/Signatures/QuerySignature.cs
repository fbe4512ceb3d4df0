using Weir.Protocol;

namespace Weir.Server.Security.Signatures;

/// <summary>A signature in the query, as a presigned request has it (spec section 4.1, check 4).</summary>
internal static class QuerySignature
{
    /// <summary>The parameter whose presence says that a request is signed in this form.</summary>
    public const string Algorithm = "X-Amz-Algorithm";

    /// <summary>The one parameter that cannot be part of what is signed.</summary>
    public const string Signature = "X-Amz-Signature";

    private const string Credential = "X-Amz-Credential";
    private const string SignedHeaders = "X-Amz-SignedHeaders";
    private const string Time = "X-Amz-Date";

    // In the order in which the service looks for them.
    private static readonly string[] Required = [Algorithm, Credential, Signature, SignedHeaders, Time];

    /// <summary>Reads it.</summary>
    /// <returns>Null, or everything that is missing.</returns>
    public static KinesisError? Read(QueryParameters query, out SignatureClaim claim)
    {
        claim = new SignatureClaim
        {
            Algorithm = query.Find(Algorithm),
            Credential = query.Find(Credential),
            Signature = query.Find(Signature),
            SignedHeaders = query.Find(SignedHeaders),
            Time = query.Find(Time) ?? "",
            SecurityToken = query.Find("X-Amz-Security-Token"),
            IsPresigned = true,
            Lifetime = query.Find("X-Amz-Expires"),
        };
        var missing = Array.FindAll(Required, name => string.IsNullOrEmpty(query.Find(name)));
        return missing.Length == 0 ? null : KinesisErrors.QuerySignatureIncomplete(missing);
    }
}
