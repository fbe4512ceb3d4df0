using System.CommandLine;
using Weir.Cli.Output;
using Weir.Streams.Integrity;

namespace Weir.Cli.Commands.Data;

/// <summary><c>weir data backup</c>: a consistent copy while a server goes on writing.</summary>
internal static class BackupDataCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var target = new Argument<string>("DIR") { Description = "The directory to make; must not exist, or be empty." };
        var data = DataCommand.Directory(shell);
        var unverified = Options.Flag("--no-verify", "Do not check the copy, so that a directory that is damaged can be copied as it is.", shell);
        var json = DataCommand.Json(shell);
        var command = new Command("backup", "Copy a data directory, also while a server writes to it; check the copy.") { target, data, unverified, json };
        command.SetAction(async (result, _) =>
        {
            var (source, copy, verify) = (result.Get(data)!, result.GetRequiredValue(target), !result.Get(unverified));
            var began = shell.Time.GetTimestamp();
            var report = await DataCommand.WithProgressAsync(
                shell, (progress, token) => DataBackup.RunAsync(source, copy, verify, progress, token)).ConfigureAwait(false);
            var isDamaged = report.Check is { HasDamage: true };
            if (result.Get(json))
                WriteJson(shell, report);
            else
                WriteText(isDamaged ? shell.Error : shell.OutText, report, shell.Time.GetElapsedTime(began));
            return isDamaged ? CommandLine.Refused : CommandLine.Success;
        });
        return command;
    }

    private static void WriteText(TextWriter output, BackupReport report, TimeSpan time)
    {
        if (report.Check is { HasDamage: true } check)
        {
            FindingOutput.WriteText(output, check.Findings);
            output.WriteLine($"weir: The copy is damaged, most likely as its source is, and was left as {report.Directory}. {FindingOutput.Summary(check)}");
            return;
        }

        var verdict = report.Check is null ? "not checked" : "checked: no damage";
        output.WriteLine(
            $"{report.Directory}: {Figures.Count(report.Streams)} streams, {Figures.Bytes(report.Bytes)} in {Figures.Time(time)}, {verdict}.");
    }

    private static void WriteJson(Shell shell, BackupReport report) => JsonOutput.Write(shell, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("directory", report.Directory);
        writer.WriteNumber("streams", report.Streams);
        writer.WriteNumber("bytes", report.Bytes);
        writer.WriteBoolean("verified", report.Check is not null);
        writer.WriteBoolean("damaged", report.Check is { HasDamage: true });
        FindingOutput.WriteJson(writer, report.Check?.Findings ?? []);
        writer.WriteEndObject();
    });
}
