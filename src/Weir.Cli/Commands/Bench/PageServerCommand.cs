using System.CommandLine;
using Weir.Cli.Bench;
using Weir.Cli.Bench.CatchUp;
using Weir.Model;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench page-server</c>: started by <c>weir bench get --baseline</c>, and of no use otherwise.</summary>
internal static class PageServerCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var size = Options.Value("--record-size", "BYTES", "Bytes of a record's data.", Options.Integer(1, KinesisLimits.DefaultMaxRecordBytes), 1024, shell, shown: "1024");
        var command = new Command("page-server") { size };
        command.Hidden = true;
        command.SetAction(async (result, _) =>
        {
            var app = await PageServer.StartAsync(result.Get(size)).ConfigureAwait(false);
            await using (app.ConfigureAwait(false))
            {
                shell.OutText.WriteLine($"The pages are at {Connection.Name(BaselineServer.EndpointOf(app))}");
                await shell.OutText.FlushAsync().ConfigureAwait(false);
                // Until whoever started it goes away, in whatever way that happens.
                await shell.In.CopyToAsync(Stream.Null).ConfigureAwait(false);
            }

            return CommandLine.Success;
        });
        return command;
    }
}
