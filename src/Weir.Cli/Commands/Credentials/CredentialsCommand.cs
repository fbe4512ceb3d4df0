using System.CommandLine;
using Weir.Server.Security.Credentials;

namespace Weir.Cli.Commands.Credentials;

/// <summary><c>weir credentials</c>: who may call a server.</summary>
internal static class CredentialsCommand
{
    /// <summary>Where the access keys are when nothing else is said: beside the data directory of a server that is told nothing either.</summary>
    public const string DefaultFile = "./weir-credentials.json";

    /// <summary>The variable that names the file, for the server as well.</summary>
    public const string FileVariable = "WEIR_CREDENTIALS";

    // A variable only: on a command line every user of the machine could read it.
    private const string KeyVariable = "WEIR_CREDENTIALS_KEY";

    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create(Shell shell) => new("credentials")
    {
        AddCredentialsCommand.Create(shell),
        ListCredentialsCommand.Create(shell),
        RemoveCredentialsCommand.Create(shell),
    };

    /// <summary>The file that a command is about.</summary>
    public static Setting<string> File(Shell shell) => Options.Value(
        "--file", "FILE", "The credentials file that the server reads.", Options.Text, DefaultFile, shell, FileVariable, DefaultFile);

    /// <summary>The key that the secrets are sealed with; null to keep it in a file beside.</summary>
    public static string? SealingKey(Shell shell) => shell.Variable(KeyVariable) is { Length: > 0 } key ? key : null;

    /// <summary>Works with a file; what it refuses is the command's failure.</summary>
    public static T With<T>(string path, Shell shell, Func<CredentialsFile, T> work)
    {
        try
        {
            return work(new CredentialsFile(path, SealingKey(shell)));
        }
        catch (CredentialsFileException exception)
        {
            throw new CommandFailure(exception.Message, exception);
        }
    }
}
