using Amazon.Runtime;
using Weir.Server.Security.Credentials;

namespace Weir.Cli.Bench;

/// <summary>Who signs a load: an access key of the environment, or one that is made for a server of the load's own. Dispose removes its file.</summary>
internal sealed class LoadCredentials : IDisposable
{
    private const string Everything = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}}""";

    private readonly DirectoryInfo? _directory;

    private LoadCredentials(AWSCredentials credentials, DirectoryInfo? directory, string? file) =>
        (Credentials, _directory, File) = (credentials, directory, file);

    /// <summary>The access key.</summary>
    public AWSCredentials Credentials { get; }

    /// <summary>The credentials file of the server; null when the access key was there before.</summary>
    public string? File { get; }

    /// <summary>The access key of the environment.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static LoadCredentials Of(Shell shell)
    {
        if (shell.Variable("AWS_ACCESS_KEY_ID") is not { Length: > 0 } id || shell.Variable("AWS_SECRET_ACCESS_KEY") is not { Length: > 0 } secret)
            throw new UsageException("--signed takes an access key from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and they are not set.");
        return new LoadCredentials(new BasicAWSCredentials(id, secret), directory: null, file: null);
    }

    /// <summary>A new access key in a file of its own, for a server that lives no longer than the measurement.</summary>
    public static LoadCredentials Make(Shell shell)
    {
        var directory = Directory.CreateTempSubdirectory("weir-bench-");
        var file = Path.Combine(directory.FullName, "credentials.json");
        var issued = new CredentialsFile(file).Add(new NewAccessKey { Policy = Everything }, shell.Time);
        return new LoadCredentials(new BasicAWSCredentials(issued.Key.AccessKeyId, issued.SecretAccessKey), directory, file);
    }

    /// <inheritdoc />
    public void Dispose() => _directory?.Delete(recursive: true);
}
