using System.CommandLine;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Streams;

/// <summary><c>weir stream delete</c>.</summary>
internal static class DeleteStreamCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var name = StreamCommand.Name();
        var force = Options.Flag("--with-consumers", "Delete it although consumers are registered.", shell);
        var wait = StreamCommand.Wait(shell, "the stream is gone");
        var command = new Command("delete", "Delete a stream with all its records.") { name, force, wait };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var client = connection.Open(result);
            var stream = result.GetRequiredValue(name);
            await client.DeleteStreamAsync(
                new DeleteStreamRequest { StreamName = stream, EnforceConsumerDeletion = result.Get(force) ? true : null }, cancellationToken).ConfigureAwait(false);
            if (result.Get(wait))
                await StreamState.GoneAsync(client, stream, shell, cancellationToken).ConfigureAwait(false);
            shell.OutText.WriteLine(result.Get(wait) ? $"Stream {stream} is gone." : $"Stream {stream} is being deleted.");
            return CommandLine.Success;
        });
        return command;
    }
}
