using System.CommandLine;

namespace Weir.Cli.Commands.Credentials;

/// <summary><c>weir credentials remove</c>.</summary>
internal static class RemoveCredentialsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var file = CredentialsCommand.File(shell);
        var id = new Argument<string>("access-key-id") { Description = "The access key." };
        var command = new Command("remove", "Remove an access key. A running server refuses it within a second.") { id, file };
        command.SetAction(result =>
        {
            var key = result.GetRequiredValue(id);
            var path = result.Get(file)!;
            if (!CredentialsCommand.With(path, shell, credentials => credentials.Remove(key)))
                throw new CommandFailure($"There is no access key {key} in {path}.");
            return CommandLine.Success;
        });
        return command;
    }
}
