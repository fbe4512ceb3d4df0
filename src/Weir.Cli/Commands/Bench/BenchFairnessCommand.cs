using System.CommandLine;
using System.Globalization;
using Weir.Cli.Bench;
using Weir.Cli.Output;
using Weir.Log;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench fairness</c>.</summary>
internal static class BenchFairnessCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var rate = Options.Value("--rate", "N", "Records a second of the stream that is measured, due at fixed times.", Options.Integer(1, 100_000), 200, shell, shown: "200");
        var shards = Options.Value("--shards", "N", "Shards of the stream that is flooded and scanned.", Options.Integer(1, 1000), 16, shell, shown: "16");
        var rounds = Options.Value("--rounds", "N", "How often each surrounding is measured.", Options.Integer(1, 1000), 3, shell, shown: "3");
        var duration = Options.Value("--duration", "TIME", "How long each time.", Options.Duration, TimeSpan.FromSeconds(5), shell, shown: "5s");
        var durability = Options.Value("--durability", "LEVEL", "Durability of the server that is measured.", text => Durability.Parse(text).ToString(), "fsync", shell, shown: "fsync");
        var json = Options.Value<string?>("--json", "FILE", "Write the figures as JSON as well; - is standard output, in place of the table.", Options.Text, fallback: null, shell);
        var command = new Command("fairness", "Measure what a stream with a modest load notices of another that is flooded, or scanned at full speed. A server of its own, with the rates off.")
        {
            rate, shards, rounds, duration, durability, json,
        };
        command.SetAction(async (result, _) =>
        {
            shell.ListenToSignals();
            LoadConnection.PollInPlace(shell);
            var plan = new FairnessPlan(result.Get(rate), result.Get(shards), result.Get(rounds), result.Get(duration), result.Get(durability));
            using var bench = new FairnessBench(shell, plan);
            IReadOnlyList<FairnessMode> modes;
            using (new ProgressLine(shell, () => bench.Progress))
                modes = await bench.RunAsync().ConfigureAwait(false);
            var file = result.Get(json);
            if (file != "-")
                WriteText(shell, plan, modes);
            await JsonOutput.WriteToAsync(shell, file, Json(plan, modes)).ConfigureAwait(false);
            return CommandLine.Success;
        });
        return command;
    }

    /// <summary>The middle one of the ratios of each round to the idle measurement right before it.</summary>
    internal static double RatioToIdle(FairnessMode mode, FairnessMode idle)
    {
        var ratios = mode.P99.Zip(idle.P99, (with, without) => with / without).Order().ToList();
        return ratios.Count % 2 == 1 ? ratios[ratios.Count / 2] : (ratios[(ratios.Count / 2) - 1] + ratios[ratios.Count / 2]) / 2;
    }

    private static void WriteText(Shell shell, FairnessPlan plan, IReadOnlyList<FairnessMode> modes)
    {
        shell.OutText.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"open loop: {plan.Rate} records/s of 1 KiB by PutRecord to one stream; the others: PutRecords of 500 x 1 KiB over 8 connections, 4 readers from TRIM_HORIZON, each made by a process that gets what the processors have left"));
        shell.OutText.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"server: storage disk, durability {plan.Durability}, limits off; {plan.Rounds} rounds in turns, {plan.Duration.TotalSeconds:0.#} s each"));
        shell.OutText.WriteLine();
        var table = new TextTable(
            new Column("Put while"), new Column("p50 ms", true), new Column("p99 ms", true), new Column("p99.9 ms", true), new Column("max ms", true),
            new Column("p99 to idle", true), new Column("Failed", true), new Column("Others MB/s", true));
        foreach (var mode in modes)
        {
            table.Add(
                mode.Name, Milliseconds(mode.Latency.Percentile(50)), Milliseconds(mode.Latency.Percentile(99)), Milliseconds(mode.Latency.Percentile(99.9)),
                Milliseconds(mode.Latency.Max), RatioToIdle(mode, modes[0]).ToString("0.00", CultureInfo.InvariantCulture), Figures.Count(mode.Failed),
                (mode.OthersRate / 1e6).ToString("0", CultureInfo.InvariantCulture));
        }

        table.Write(shell);
        shell.OutText.WriteLine("p99 to idle: the median of the rounds, each to the idle one right before it");
    }

    private static string Json(FairnessPlan plan, IReadOnlyList<FairnessMode> modes) => JsonOutput.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("recordsPerSecond", plan.Rate);
        writer.WriteNumber("rounds", plan.Rounds);
        writer.WriteNumber("durationSeconds", plan.Duration.TotalSeconds);
        writer.WriteString("durability", plan.Durability);
        writer.WriteStartArray("modes");
        foreach (var mode in modes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", mode.Name);
            writer.WriteNumber("p50Milliseconds", mode.Latency.Percentile(50).TotalMilliseconds);
            writer.WriteNumber("p99Milliseconds", mode.Latency.Percentile(99).TotalMilliseconds);
            writer.WriteNumber("p999Milliseconds", mode.Latency.Percentile(99.9).TotalMilliseconds);
            writer.WriteNumber("maxMilliseconds", mode.Latency.Max.TotalMilliseconds);
            writer.WriteNumber("p99ToIdle", RatioToIdle(mode, modes[0]));
            writer.WriteNumber("failed", mode.Failed);
            writer.WriteNumber("othersBytesPerSecond", mode.OthersRate);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);
}
