using Weir.Model;

namespace Weir.Streams.Encryption;

/// <summary>Which key of an account and region a caller means.</summary>
/// <param name="Account">The stream's account.</param>
/// <param name="Region">The stream's region.</param>
/// <param name="Name">A key id, <c>alias/...</c>, or the whole ARN of a key that belongs elsewhere.</param>
/// <remarks>
/// An ARN of the stream's own account and region is taken for what it ends in. That an alias stands for a key id only a KMS could tell:
/// here they are two keys.
/// </remarks>
public readonly record struct KeyName(string Account, string Region, string Name)
{
    // arn:partition:kms:region:account:key/... or alias/...
    private const int ArnParts = 6;
    private const string KeyPrefix = "key/";
    private const string AliasPrefix = "alias/";

    /// <summary>The key that a KeyId names for a stream.</summary>
    public static KeyName Of(StreamName stream, string keyId) => new(stream.Account, stream.Region, Own(stream, keyId) ?? keyId);

    private static string? Own(StreamName stream, string keyId)
    {
        if (!keyId.StartsWith("arn:", StringComparison.Ordinal))
            return null;
        var parts = keyId.Split(':', ArnParts);
        if (parts.Length < ArnParts || parts[2] != "kms" || parts[3] != stream.Region || parts[4] != stream.Account)
            return null;
        return parts[5].StartsWith(KeyPrefix, StringComparison.Ordinal) ? parts[5][KeyPrefix.Length..]
            : parts[5].StartsWith(AliasPrefix, StringComparison.Ordinal) ? parts[5]
            : null;
    }
}
