using System.CommandLine;
using Weir.Cli.Bench;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench baseline-server</c>: started by <c>weir bench put --baseline</c>, and of no use otherwise.</summary>
internal static class BaselineServerCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var command = new Command("baseline-server") { Hidden = true };
        command.SetAction(async (_, _) =>
        {
            var app = await BaselineServer.StartAsync().ConfigureAwait(false);
            await using (app.ConfigureAwait(false))
            {
                shell.OutText.WriteLine($"The baseline is listening on {Connection.Name(BaselineServer.EndpointOf(app))}");
                await shell.OutText.FlushAsync().ConfigureAwait(false);
                // Until whoever started it goes away, in whatever way that happens.
                await shell.In.CopyToAsync(Stream.Null).ConfigureAwait(false);
            }

            return CommandLine.Success;
        });
        return command;
    }
}
