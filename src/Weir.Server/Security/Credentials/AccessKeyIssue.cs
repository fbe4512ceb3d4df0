using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Weir.Server.Security.Policies;

namespace Weir.Server.Security.Credentials;

/// <summary>Makes new access keys, in the look that clients and secret scanners know from AWS.</summary>
internal static partial class AccessKeyIssue
{
    private const string LastingPrefix = "AKIA";
    private const string TemporaryPrefix = "ASIA";
    private const string IdCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int IdLength = 16;

    // No + and no /, which AWS has too: they are a nuisance in shells and connection strings. 40 of these are 238 bits.
    private const string SecretCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int SecretLength = 40;
    private const int TokenLength = 64;

    /// <summary>Makes a key.</summary>
    /// <param name="key">What it is to be.</param>
    /// <param name="seal">Seals its secret.</param>
    /// <param name="now">When it is made.</param>
    /// <exception cref="CredentialsFileException">Something that was asked for cannot be.</exception>
    public static IssuedAccessKey Make(NewAccessKey key, SecretSeal seal, DateTimeOffset now)
    {
        if (key.AccountId is not null && !IsAccount(key.AccountId))
            throw new CredentialsFileException($"The account '{key.AccountId}' must be twelve digits.");
        if (key.UserName is not null && !User().IsMatch(key.UserName))
            throw new CredentialsFileException($"The user '{key.UserName}' must have 1 to 64 letters, digits and + = , . @ _ -");
        if (PolicyReader.Read(key.Policy, PolicyKind.Identity, out var fault) is null)
            throw new CredentialsFileException($"The policy cannot be used: {fault}.");
        var isTemporary = key.Lifetime is not null;
        var id = (isTemporary ? TemporaryPrefix : LastingPrefix) + RandomNumberGenerator.GetString(IdCharacters, IdLength);
        var secret = RandomNumberGenerator.GetString(SecretCharacters, SecretLength);
        var token = isTemporary ? RandomNumberGenerator.GetString(SecretCharacters, TokenLength) : null;
        var stored = new StoredAccessKey
        {
            AccessKeyId = id,
            SealedSecret = seal.Seal(id, secret),
            AccountId = key.AccountId,
            UserName = key.UserName ?? id,
            CreatedAt = now,
            ExpiresAt = now + key.Lifetime,
            TokenHash = token is null ? null : Convert.ToHexStringLower(AccessKey.Hash(token)),
            Policy = key.Policy,
        };
        return new IssuedAccessKey(stored, secret, token);
    }

    /// <summary>Whether a text is an account's number.</summary>
    public static bool IsAccount(string text) => text.Length == 12 && text.All(char.IsAsciiDigit);

    [GeneratedRegex("^[A-Za-z0-9+=,.@_-]{1,64}$")]
    private static partial Regex User();
}
