using System.CommandLine;
using Weir.Cli.Output;
using Weir.Streams.Integrity;

namespace Weir.Cli.Commands.Data;

/// <summary><c>weir data verify</c>: reads everything and says what is wrong with it.</summary>
internal static class VerifyDataCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var data = DataCommand.Directory(shell);
        var json = DataCommand.Json(shell);
        var command = new Command("verify", "Check the catalog and every byte of the logs; 1 when something is damaged. Changes nothing.") { data, json };
        command.SetAction(async (result, _) =>
        {
            var directory = result.Get(data)!;
            var began = shell.Time.GetTimestamp();
            var report = await DataCommand.WithProgressAsync(shell, (progress, token) => DataCheck.RunAsync(directory, progress, token)).ConfigureAwait(false);
            if (result.Get(json))
                WriteJson(shell, report);
            else
                WriteText(shell, report, shell.Time.GetElapsedTime(began));
            return report.HasDamage ? CommandLine.Refused : CommandLine.Success;
        });
        return command;
    }

    private static void WriteText(Shell shell, DataReport report, TimeSpan time)
    {
        var output = shell.OutText;
        FindingOutput.WriteText(output, report.Findings);
        if (report.WasInUse)
            output.WriteLine("A server has the directory: this is about what was there while it was read. A stopped server's is checked whole.");
        var segments = report.Streams.Where(stream => stream.Log is not null).SelectMany(stream => stream.Log!.Segments).ToList();
        output.WriteLine(
            $"{report.Directory}: {Figures.Count(report.Streams.Count)} streams, {Figures.Count(segments.Count)} segments, "
            + $"{Figures.Count(segments.Sum(segment => segment.Records))} records, {Figures.Bytes(segments.Sum(segment => segment.FileBytes))} in {Figures.Time(time)}.");
        output.WriteLine(FindingOutput.Summary(report));
    }

    private static void WriteJson(Shell shell, DataReport report) => JsonOutput.Write(shell, writer =>
    {
        var segments = report.Streams.Where(stream => stream.Log is not null).SelectMany(stream => stream.Log!.Segments).ToList();
        writer.WriteStartObject();
        writer.WriteString("directory", report.Directory);
        writer.WriteBoolean("inUse", report.WasInUse);
        writer.WriteBoolean("damaged", report.HasDamage);
        writer.WriteNumber("streams", report.Streams.Count);
        writer.WriteNumber("segments", segments.Count);
        writer.WriteNumber("records", segments.Sum(segment => segment.Records));
        writer.WriteNumber("bytes", segments.Sum(segment => segment.FileBytes));
        FindingOutput.WriteJson(writer, report.Findings);
        writer.WriteEndObject();
    });
}
