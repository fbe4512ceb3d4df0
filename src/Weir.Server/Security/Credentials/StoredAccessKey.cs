namespace Weir.Server.Security.Credentials;

/// <summary>An access key as a credentials file keeps it, without what is secret. Immutable.</summary>
public sealed record StoredAccessKey
{
    /// <summary>The access key id: 16 to 128 letters and digits.</summary>
    public required string AccessKeyId { get; init; }

    /// <summary>The account that its owner belongs to, twelve digits; null for the account of whichever server reads the file.</summary>
    public string? AccountId { get; init; }

    /// <summary>Its owner's name, the last part of the ARN that policies and refusals use.</summary>
    public required string UserName { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ends; null for a key that stays until it is removed.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What its owner may do: a policy in IAM's JSON.</summary>
    public required string Policy { get; init; }

    /// <summary>The secret, sealed: see <see cref="SecretSeal"/>.</summary>
    internal string SealedSecret { get; init; } = "";

    /// <summary>SHA-256 of the session token, in hexadecimal digits; null without a token.</summary>
    internal string? TokenHash { get; init; }

    /// <summary>The id, and nothing secret.</summary>
    public override string ToString() => AccessKeyId;
}
