using System.CommandLine;
using System.Globalization;
using Weir.Cli.Bench;
using Weir.Cli.Output;
using Weir.Log;
using Weir.Model;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench steady</c>.</summary>
internal static class BenchSteadyCommand
{
    private const int MaxRecordBytes = KinesisLimits.DefaultMaxRecordBytes - 64;

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var share = Options.Value("--share", "PERCENT", "How much of the measured maximum is due.", Options.Integer(1, 100), 70, shell, shown: "70");
        var duration = Options.Value("--duration", "TIME", "How long; at least 10s.", AtLeastTenSeconds, TimeSpan.FromMinutes(10), shell, shown: "10m");
        var every = Options.Value("--retention-every", "TIME", "How often everything that is sealed expires; between two times a stream is made and deleted. At least 2s.", AtLeastTwoSeconds, TimeSpan.FromSeconds(10), shell, shown: "10s");
        var batch = Options.Value("--batch", "N", "Records of a request: 1 is PutRecord, 2 to 500 is PutRecords.", Options.Integer(1, KinesisLimits.MaxPutRecordsEntries), KinesisLimits.MaxPutRecordsEntries, shell, shown: "500");
        var size = Options.Value("--record-size", "BYTES", "Bytes of a record's data.", Options.Integer(1, MaxRecordBytes), 1024, shell, shown: "1024");
        var shards = Options.Value("--shards", "N", "Shards of the stream.", Options.Integer(1, 1000), 16, shell, shown: "16");
        var durability = Options.Value("--durability", "LEVEL", "Durability of the server that is measured.", text => Durability.Parse(text).ToString(), "fsync", shell, shown: "fsync");
        var json = Options.Value<string?>("--json", "FILE", "Write the figures as JSON as well; - is standard output, in place of the tables.", Options.Text, fallback: null, shell);
        var command = new Command("steady", "Put records steadily for long, below the maximum, while segments roll, retention deletes them and streams are deleted. A server of its own, with the rates off.")
        {
            share, duration, every, batch, size, shards, durability, json,
        };
        command.SetAction(async (result, _) =>
        {
            if ((long)result.Get(batch) * (result.Get(size) + 64) > KinesisLimits.MaxPutRecordsBytes)
                throw new UsageException("--batch times --record-size passes the 10 MiB that one PutRecords may have.");
            shell.ListenToSignals();
            LoadConnection.PollInPlace(shell);
            var plan = new LoadPlan
            {
                Stream = "steady",
                Region = "us-east-1",
                Connections = 32,
                RecordBytes = result.Get(size),
                Batch = result.Get(batch),
                RecordsPerSecond = 0,
                Keys = 1000,
                Duration = result.Get(duration),
                Warmup = TimeSpan.FromSeconds(3),
            };
            var bench = new SteadyBench(shell, plan, result.Get(share) / 100.0, result.Get(every), result.Get(durability), result.Get(shards));
            SteadyFigures figures;
            using (new ProgressLine(shell, () => bench.Progress))
                figures = await bench.RunAsync().ConfigureAwait(false);
            var report = new SteadyReport(plan, result.Get(share), result.Get(durability), figures);
            var file = result.Get(json);
            if (file != "-")
                report.WriteText(shell);
            await JsonOutput.WriteToAsync(shell, file, report.Json()).ConfigureAwait(false);
            return CommandLine.Success;
        });
        return command;
    }

    private static TimeSpan AtLeastTenSeconds(string text) =>
        Options.Duration(text) is var time && time >= TimeSpan.FromSeconds(10) && time <= TimeSpan.FromHours(24) ? time : throw new FormatException("expected 10s to 24h");

    private static TimeSpan AtLeastTwoSeconds(string text) =>
        Options.Duration(text) is var time && time >= TimeSpan.FromSeconds(2) ? time : throw new FormatException("expected at least 2s");
}
