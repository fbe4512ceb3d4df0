using Amazon.Runtime.CredentialManagement;

namespace Weir.Client.Endpoints;

/// <summary>What the client reads of the process's surroundings: environment variables and the AWS profile files.</summary>
/// <param name="variable">Gives an environment variable, or null.</param>
internal sealed class Surroundings(Func<string, string?> variable)
{
    private CredentialProfile? _profile;
    private bool _profileRead;

    /// <summary>The process's own.</summary>
    public static Surroundings OfProcess() => new(Environment.GetEnvironmentVariable);

    /// <summary>A variable, or null when it is not set or blank.</summary>
    public string? Variable(string name) => variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    /// <summary>The profile that <c>AWS_PROFILE</c> names, or <c>default</c>; null when there is none. Reads files, once.</summary>
    /// <remarks>The AWS library is not even loaded when no profile file exists: that is most of the cost of a short-lived client.</remarks>
    public CredentialProfile? Profile()
    {
        if (!_profileRead && (File.Exists(CredentialsFile) || File.Exists(ConfigFile)))
            _profile = ReadProfile();
        _profileRead = true;
        return _profile;
    }

    private string CredentialsFile => Variable("AWS_SHARED_CREDENTIALS_FILE") ?? InHome("credentials");

    private string ConfigFile => Variable("AWS_CONFIG_FILE") ?? InHome("config");

    private CredentialProfile? ReadProfile()
    {
        var chain = new CredentialProfileStoreChain(Variable("AWS_SHARED_CREDENTIALS_FILE"));
        return chain.TryGetProfile(Variable("AWS_PROFILE") ?? "default", out var profile) ? profile : null;
    }

    private static string InHome(string file) =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".aws", file);
}
