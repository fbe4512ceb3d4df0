using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weir.Cli.Bench;
using Weir.Cli.Bench.Recovery;
using Weir.Cli.Output;
using Weir.Model;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench recovery</c>.</summary>
internal static class BenchRecoveryCommand
{
    // PutRecords of a hundred records of each stream while the server is killed.
    private const int MaxRecordBytes = KinesisLimits.MaxPutRecordsBytes / 200;

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var bytes = Options.Value("--bytes", "SIZE", "Data in all streams together, such as 500MB or 10GB.", ByteText.Reader(1_000_000, 1_000_000_000_000), 10_000_000_000L, shell, shown: "10GB");
        var streams = Options.Value("--streams", "N", "Streams that it is spread over.", Options.Integer(1, 1000), 20, shell, shown: "20");
        var shards = Options.Value("--shards", "N", "Shards of each stream.", Options.Integer(1, 100), 4, shell, shown: "4");
        var size = Options.Value("--record-size", "BYTES", "Bytes of a record's data.", Options.Integer(1, MaxRecordBytes), 1024, shell, shown: "1024");
        var rounds = Options.Value("--rounds", "N", "How often to kill and start.", Options.Integer(1, 1000), 5, shell, shown: "5");
        var json = Options.Value<string?>("--json", "FILE", "Write the figures as JSON as well; - is standard output, in place of the table.", Options.Text, fallback: null, shell);
        var command = new Command("recovery", "Kill a server of its own in the middle of puts and measure how long it takes to start again, on temporary data with every put synced.")
        {
            bytes, streams, shards, size, rounds, json,
        };
        command.SetAction(async (result, _) =>
        {
            var plan = new RecoveryPlan(result.Get(bytes), result.Get(streams), result.Get(shards), result.Get(size), result.Get(rounds));
            shell.ListenToSignals();
            DiskRoom.Check(plan.Bytes, plan.Streams);
            var measured = await new RecoveryBench(shell, plan).RunAsync().ConfigureAwait(false);
            var file = result.Get(json);
            if (file != "-")
                WriteText(shell, plan, measured);
            await JsonOutput.WriteToAsync(shell, file, Json(plan, measured)).ConfigureAwait(false);
            return CommandLine.Success;
        });
        return command;
    }

    private static void WriteText(Shell shell, RecoveryPlan plan, IReadOnlyList<RecoveryRound> rounds)
    {
        shell.OutText.WriteLine(
            $"SIGKILL in the middle of puts to {Figures.Count(plan.Streams)} streams with {Figures.Bytes(plan.Bytes)} in records of {plan.RecordBytes.ToString(CultureInfo.InvariantCulture)} bytes, durability fsync; what was stored is in the page cache");
        shell.OutText.WriteLine("start: from the process to its line that it listens; reading: the last segments once, by one thread; empty: the start of a server without data");
        shell.OutText.WriteLine();
        var table = new TextTable(
            new Column("Round", true), new Column("Start ms", true), new Column("Last segments", true), new Column("Reading ms", true), new Column("Rest ms", true),
            new Column("Empty ms", true), new Column("Records before the kill", true));
        foreach (var round in rounds)
        {
            table.Add(
                round.Number.ToString(CultureInfo.InvariantCulture),
                Milliseconds(round.Start.TotalMilliseconds),
                $"{Figures.Bytes(round.Last.Bytes)} in {Figures.Count(round.Last.Segments)}",
                Milliseconds(round.Last.Reading.TotalMilliseconds),
                Milliseconds(round.Rest.TotalMilliseconds),
                Milliseconds(round.EmptyStart.TotalMilliseconds),
                Figures.Count(round.LoadRecords));
        }

        table.Write(shell);
        shell.OutText.WriteLine();
        var summary = new TextTable(new Column("ms"), new Column("min", true), new Column("median", true), new Column("max", true));
        foreach (var (title, _, times) in Summary(rounds))
            summary.Add(title, Milliseconds(times.Min), Milliseconds(times.Median), Milliseconds(times.Max));
        summary.Write(shell);
    }

    private static string Json(RecoveryPlan plan, IReadOnlyList<RecoveryRound> rounds) => JsonOutput.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("plan");
        writer.WriteNumber("bytes", plan.Bytes);
        writer.WriteNumber("streams", plan.Streams);
        writer.WriteNumber("shards", plan.Shards);
        writer.WriteNumber("recordBytes", plan.RecordBytes);
        writer.WriteString("durability", "fsync");
        writer.WriteEndObject();
        writer.WriteStartArray("rounds");
        foreach (var round in rounds)
        {
            writer.WriteStartObject();
            writer.WriteNumber("round", round.Number);
            writer.WriteNumber("startMilliseconds", round.Start.TotalMilliseconds);
            writer.WriteNumber("lastSegments", round.Last.Segments);
            writer.WriteNumber("lastSegmentBytes", round.Last.Bytes);
            writer.WriteNumber("readingMilliseconds", round.Last.Reading.TotalMilliseconds);
            writer.WriteNumber("restMilliseconds", round.Rest.TotalMilliseconds);
            writer.WriteNumber("emptyStartMilliseconds", round.EmptyStart.TotalMilliseconds);
            writer.WriteNumber("recordsBeforeKill", round.LoadRecords);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        foreach (var (_, member, times) in Summary(rounds))
        {
            writer.WriteStartObject(member);
            writer.WriteNumber("min", times.Min);
            writer.WriteNumber("median", times.Median);
            writer.WriteNumber("max", times.Max);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });

    private static IEnumerable<(string Title, string Member, Spread Times)> Summary(IReadOnlyList<RecoveryRound> rounds) =>
    [
        ("start", "startMilliseconds", Spread.Of(rounds.Select(round => round.Start.TotalMilliseconds))),
        ("reading the last segments", "readingMilliseconds", Spread.Of(rounds.Select(round => round.Last.Reading.TotalMilliseconds))),
        ("the rest", "restMilliseconds", Spread.Of(rounds.Select(round => round.Rest.TotalMilliseconds))),
        ("start without data", "emptyStartMilliseconds", Spread.Of(rounds.Select(round => round.EmptyStart.TotalMilliseconds))),
    ];

    private static string Milliseconds(double milliseconds) => milliseconds.ToString("0", CultureInfo.InvariantCulture);
}
