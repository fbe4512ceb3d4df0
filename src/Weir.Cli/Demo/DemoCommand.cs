using System.CommandLine;
using System.Runtime.InteropServices;
using Weir.Cli.Output;
using Weir.Client;

namespace Weir.Cli.Demo;

/// <summary><c>weir demo</c>: a real trace through an embedded server, live, with an audit at the end.</summary>
internal static class DemoCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var speed = Options.Value(
            "--speed", "N", $"How many times as fast as it happened the trace is replayed, 1 to {DemoOptions.MaxSpeed}; its 58 minutes take 58 seconds at 60.",
            Options.Integer(1, DemoOptions.MaxSpeed), DemoOptions.DefaultSpeed, shell, shown: "60");
        var port = Options.Value("--port", "PORT", "TCP port of the embedded server; 0 takes a free one.", Options.Integer(0, 65535), 0, shell, shown: "0");
        var noTty = Options.Flag("--no-tty", "A plain line every second in place of the live table.", shell);
        var keep = Options.Flag("--keep", "Keep the data directory, and say where it is.", shell);
        var json = Options.Flag("--json", "The result as one JSON object on standard output; everything else goes to standard error.", shell);
        var command = new Command("demo") { speed, port, noTty, keep, json };
        command.SetAction((result, _) => RunAsync(
            shell,
            new DemoOptions { Speed = result.Get(speed), Port = result.Get(port), Keep = result.Get(keep) },
            plain: result.Get(noTty),
            json: result.Get(json)));
        return command;
    }

    private static async Task<int> RunAsync(Shell shell, DemoOptions options, bool plain, bool json)
    {
        shell.ListenToSignals();
        // A terminal that is closed leaves nobody to look, but a directory to remove.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            shell.Interrupt();
        });
        var view = View(shell, options, plain, json);
        var result = await RunAsync(shell, new DemoRun(options, shell.Time), view).ConfigureAwait(false);
        view.Conclude(result);
        if (json)
            JsonOutput.Write(shell, writer => DemoJson.Write(writer, result));
        return result.Passed ? CommandLine.Success : CommandLine.Refused;
    }

    private static IDemoView View(Shell shell, DemoOptions options, bool plain, bool json)
    {
        if (json)
            return new DemoLines(shell.Error, options, shell.Time);
        return !plain && DemoTerminal.Open(shell) is { } console
            ? new DemoScreen(console, options, shell.Time)
            : new DemoLines(shell.OutText, options, shell.Time);
    }

    private static async Task<DemoResult> RunAsync(Shell shell, DemoRun demo, IDemoView view)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(shell.Interrupted);
        var running = demo.RunAsync(stop.Token);
        try
        {
            await view.ShowAsync(demo.Figures, running).ConfigureAwait(false);
            return await running.ConfigureAwait(false);
        }
        catch (Exception) when (shell.Interrupted.IsCancellationRequested)
        {
            throw new CommandFailure(
                demo.Options.Keep ? "The demonstration was stopped before its audit." : "The demonstration was stopped before its audit; its data is removed.");
        }
        catch (Exception exception) when (exception is not (CommandFailure or KinesisException or OutputClosedException))
        {
            // Nothing that a user can put right: the whole of it, for a report.
            throw new CommandFailure($"The demonstration failed: {exception}", exception);
        }
        finally
        {
            // When the view failed, the run is still under way, and its directory has to go before the process does.
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(running).ConfigureAwait(false);
        }
    }
}
