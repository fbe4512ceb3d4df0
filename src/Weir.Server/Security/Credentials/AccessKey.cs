using System.Security.Cryptography;
using System.Text;
using Weir.Protocol;

namespace Weir.Server.Security.Credentials;

/// <summary>An access key in force: the secret that its requests are signed with, and who its owner is. Immutable.</summary>
internal sealed class AccessKey
{
    /// <summary>The access key id.</summary>
    public required string Id { get; init; }

    /// <summary>The secret access key. In memory only, and in no message.</summary>
    public required string Secret { get; init; }

    /// <summary>Its owner.</summary>
    public required Caller Owner { get; init; }

    /// <summary>SHA-256 of the session token that temporary credentials have to show; null for others.</summary>
    public byte[]? TokenHash { get; init; }

    /// <summary>When temporary credentials end; null for others.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Checks the session token of a request (spec section 4.2, checks 5 and 6).</summary>
    /// <param name="token">The token; null or empty when the request has none.</param>
    /// <param name="now">The server's time.</param>
    public KinesisError? CheckToken(string? token, DateTimeOffset now)
    {
        if (TokenHash is null)
            return string.IsNullOrEmpty(token) ? null : KinesisErrors.UnrecognizedClient;
        if (!CryptographicOperations.FixedTimeEquals(Hash(token ?? ""), TokenHash))
            return KinesisErrors.UnrecognizedClient;
        return now >= ExpiresAt ? KinesisErrors.TokenExpired : null;
    }

    /// <summary>The hash that is kept of a session token. Tokens are long and random, so one round is enough.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>The id, and nothing secret.</summary>
    public override string ToString() => Id;
}
