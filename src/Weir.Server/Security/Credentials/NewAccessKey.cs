namespace Weir.Server.Security.Credentials;

/// <summary>What an access key is to be when it is made.</summary>
public sealed class NewAccessKey
{
    /// <summary>The account of its owner.</summary>
    /// <value>Twelve digits, or null for the account of whichever server reads the file. Default null.</value>
    public string? AccountId { get; init; }

    /// <summary>Its owner's name.</summary>
    /// <value>1 to 64 letters, digits and <c>+ = , . @ _ -</c>; null takes the access key id. Default null.</value>
    public string? UserName { get; init; }

    /// <summary>How long it is good for. A key with an end comes with a session token, as AWS's temporary credentials do.</summary>
    /// <value>More than zero; null for a key that stays. Default null.</value>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>What its owner may do: a policy in IAM's JSON.</summary>
    public required string Policy { get; init; }
}

/// <summary>An access key that was just made: the only time that its secret can be seen.</summary>
/// <param name="Key">What was stored.</param>
/// <param name="SecretAccessKey">The secret, 40 letters and digits.</param>
/// <param name="SessionToken">The token that requests have to show; null for a key without an end.</param>
public sealed record IssuedAccessKey(StoredAccessKey Key, string SecretAccessKey, string? SessionToken)
{
    /// <summary>The id, and nothing secret.</summary>
    public override string ToString() => Key.ToString();
}
