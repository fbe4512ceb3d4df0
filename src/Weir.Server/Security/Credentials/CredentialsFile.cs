using System.Text;
using Weir.Server.Security.Policies;

namespace Weir.Server.Security.Credentials;

/// <summary>The file that says who may call a server: access keys with sealed secrets and policies (docs/security.md).</summary>
/// <remarks>
/// Secrets are sealed with a key that is not in the file: a given one, or one that is made with the first access key and kept beside the
/// file as <c>FILE.key</c>. Both files are for their owner only and refused otherwise. Thread-safe; several processes may change the same
/// file, one at a time.
/// </remarks>
/// <param name="path">The file. It need not exist until it is read.</param>
/// <param name="sealingKey">32 bytes in base64, or null to keep the key in a file.</param>
public sealed class CredentialsFile(string path, string? sealingKey = null)
{
    /// <summary>The file.</summary>
    public string FilePath => path;

    private string KeyPath => path + ".key";

    /// <summary>The access keys, in the order in which they were made.</summary>
    /// <exception cref="CredentialsFileException">There is no such file, or it cannot be used.</exception>
    public IReadOnlyList<StoredAccessKey> List() => CredentialsFormat.Read(Read(path), path);

    /// <summary>Makes an access key and stores it. The file is made when it does not exist.</summary>
    /// <param name="key">What it is to be.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The key with its secret, which nobody can ask for again.</returns>
    /// <exception cref="CredentialsFileException">The file cannot be used, or something that was asked for cannot be.</exception>
    public IssuedAccessKey Add(NewAccessKey key, TimeProvider time)
    {
        using var changing = ProtectedFile.Lock(path);
        var keys = File.Exists(path) ? [.. List()] : new List<StoredAccessKey>();
        using var seal = OpenSeal(create: keys.Count == 0);
        var issued = AccessKeyIssue.Make(key, seal, time.GetUtcNow());
        keys.Add(issued.Key);
        ProtectedFile.Write(path, CredentialsFormat.Write(keys));
        return issued;
    }

    /// <summary>Removes an access key. Servers that read the file refuse its requests from then on.</summary>
    /// <returns>Whether there was such a key.</returns>
    /// <exception cref="CredentialsFileException">The file cannot be used.</exception>
    public bool Remove(string accessKeyId)
    {
        using var changing = ProtectedFile.Lock(path);
        var keys = List().ToList();
        if (keys.RemoveAll(key => key.AccessKeyId == accessKeyId) == 0)
            return false;
        ProtectedFile.Write(path, CredentialsFormat.Write(keys));
        return true;
    }

    /// <summary>What decides about everybody's access at this moment: the bytes of the file and of the sealing key.</summary>
    /// <exception cref="CredentialsFileException">One of them cannot be read.</exception>
    internal CredentialsBytes ReadBytes() => new(Read(path), sealingKey is null ? ReadKey() : []);

    /// <summary>Opens the secrets and reads the policies.</summary>
    /// <param name="bytes">See <see cref="ReadBytes"/>.</param>
    /// <param name="account">The account of the keys that name none.</param>
    /// <exception cref="CredentialsFileException">A key or a policy cannot be used.</exception>
    internal AccessKeySet Load(CredentialsBytes bytes, string account)
    {
        using var seal = sealingKey is null ? SecretSeal.Read(Encoding.UTF8.GetString(bytes.Key), KeyPath) : Given(sealingKey);
        return new AccessKeySet(CredentialsFormat.Read(bytes.File, path).Select(key => Open(key, seal, account)));
    }

    private AccessKey Open(StoredAccessKey key, SecretSeal seal, string account)
    {
        var secret = seal.Open(key.AccessKeyId, key.SealedSecret)
            ?? throw new CredentialsFileException($"{path}: the secret of {key.AccessKeyId} was sealed with another key than {(sealingKey is null ? KeyPath : "the given one")}, or was changed.");
        if (PolicyReader.Read(key.Policy, PolicyKind.Identity, out var fault) is not { } policy)
            throw new CredentialsFileException($"{path}: the policy of {key.AccessKeyId} cannot be used: {fault}.");
        if (key.AccountId is { } own && !AccessKeyIssue.IsAccount(own))
            throw new CredentialsFileException($"{path}: the account of {key.AccessKeyId} must be twelve digits.");
        if (key.TokenHash is null != key.ExpiresAt is null)
            throw new CredentialsFileException($"{path}: {key.AccessKeyId} must have both tokenHash and expires, or neither.");
        return new AccessKey
        {
            Id = key.AccessKeyId,
            Secret = secret,
            Owner = new Caller(key.AccountId ?? account, key.UserName, policy),
            ExpiresAt = key.ExpiresAt,
            TokenHash = key.TokenHash is null ? null : TokenHash(key),
        };
    }

    private byte[] TokenHash(StoredAccessKey key)
    {
        try
        {
            return Convert.FromHexString(key.TokenHash!);
        }
        catch (FormatException exception)
        {
            throw new CredentialsFileException($"{path}: the tokenHash of {key.AccessKeyId} must be hexadecimal digits.", exception);
        }
    }

    private SecretSeal OpenSeal(bool create)
    {
        if (sealingKey is not null)
            return Given(sealingKey);
        if (create && !File.Exists(KeyPath))
            ProtectedFile.Write(KeyPath, Encoding.UTF8.GetBytes(SecretSeal.NewKey() + "\n"));
        return SecretSeal.Read(Encoding.UTF8.GetString(ReadKey()), KeyPath);
    }

    private static SecretSeal Given(string sealingKey) => SecretSeal.Read(sealingKey, "The given key");

    private static byte[] Read(string path) => File.Exists(path)
        ? ProtectedFile.Read(path)
        : throw new CredentialsFileException($"{path} does not exist. Make an access key with: weir credentials add --file {path}");

    private byte[] ReadKey() => File.Exists(KeyPath)
        ? ProtectedFile.Read(KeyPath)
        : throw new CredentialsFileException($"{KeyPath} does not exist: it holds the key that {path} is sealed with. Put it back, or give the key in WEIR_CREDENTIALS_KEY.");
}

/// <summary>What a credentials file and its sealing key were at one moment.</summary>
internal sealed record CredentialsBytes(byte[] File, byte[] Key)
{
    /// <summary>Whether nothing has changed.</summary>
    public bool IsSame(CredentialsBytes? other) => other is not null && File.AsSpan().SequenceEqual(other.File) && Key.AsSpan().SequenceEqual(other.Key);
}
