using System.CommandLine;
using System.Data.Common;
using Weir.Cli.Output;
using Weir.Log;
using Weir.Streams.Integrity;

namespace Weir.Cli.Commands.Data;

/// <summary><c>weir data</c>: what an operator does with a data directory, whether or not a server is using it.</summary>
internal static class DataCommand
{
    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create(Shell shell) => new("data")
    {
        VerifyDataCommand.Create(shell),
        InspectDataCommand.Create(shell),
        BackupDataCommand.Create(shell),
    };

    /// <summary>The directory that a command is about: the one that a server with the same settings uses.</summary>
    public static Setting<string> Directory(Shell shell) => Options.Value(
        "--data", "DIR", "The server's data directory.", Options.Text, "./weir-data", shell, "WEIR_DATA", "./weir-data");

    /// <summary>The option for machines.</summary>
    public static Setting<bool> Json(Shell shell) => Options.Flag("--json", "Answer in JSON.", shell);

    /// <summary>Runs work that reads a directory, with a line of progress for a person; what somebody can put right is the command's failure.</summary>
    public static async Task<T> WithProgressAsync<T>(Shell shell, Func<DataProgress, CancellationToken, Task<T>> work)
    {
        shell.ListenToSignals();
        var progress = new DataProgress();
        var began = shell.Time.GetTimestamp();
        using var line = new ProgressLine(shell, () => Describe(progress, shell.Time.GetElapsedTime(began)));
        try
        {
            // Off this thread: it reads files for minutes.
            return await Task.Run(() => work(progress, shell.Interrupted), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception
            is IOException or UnauthorizedAccessException or InvalidDataException or DbException or StorageFullException or BackupException)
        {
            throw new CommandFailure(exception.Message, exception);
        }
    }

    private static string Describe(DataProgress progress, TimeSpan elapsed)
    {
        const int width = 30;
        var part = progress.TotalBytes == 0 ? 0 : Math.Clamp((double)progress.DoneBytes / progress.TotalBytes, 0, 1);
        var bar = new string('#', (int)(part * width)).PadRight(width, '.');
        return $"{progress.Stage} [{bar}] {Figures.Bytes(progress.DoneBytes)} of {Figures.Bytes(progress.TotalBytes)}, {Figures.Time(elapsed)}";
    }
}
