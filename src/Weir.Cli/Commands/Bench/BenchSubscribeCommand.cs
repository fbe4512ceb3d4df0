using System.CommandLine;
using System.Globalization;
using Weir.Cli.Bench;
using Weir.Cli.Output;
using Weir.Client;
using Weir.Log;
using Weir.Model;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench subscribe</c>.</summary>
internal static class BenchSubscribeCommand
{
    private const int MaxRecordBytes = KinesisLimits.DefaultMaxRecordBytes - 64;

    // A subscription lasts five minutes, of which it needs some to begin.
    private static readonly TimeSpan LongestDuration = TimeSpan.FromMinutes(4);

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var stream = Options.Value("--stream", "NAME", "The stream; created when it does not exist.", Options.Text, "weir-bench", shell, shown: "weir-bench");
        var shards = Options.Value("--shards", "N", "Shards of a stream that is created.", Options.Integer(1, 1000), 4, shell, shown: "4");
        var rate = Options.Value("--rate", "N", "Records a second in all, due at fixed times.", Options.Integer(1, 1_000_000), 1000, shell, shown: "1000");
        var size = Options.Value("--record-size", "BYTES", "Bytes of a record's data.", Options.Integer(sizeof(long), MaxRecordBytes), 1024, shell, shown: "1024");
        var duration = Options.Value("--duration", "TIME", "How long to measure, up to 4m.", UpToLongest, TimeSpan.FromSeconds(10), shell, shown: "10s");
        var durability = Options.Value("--durability", "LEVEL", "Durability of the server that is started when no --endpoint is given.", text => Durability.Parse(text).ToString(), "fsync", shell, shown: "fsync");
        var json = Options.Value<string?>("--json", "FILE", "Write the figures as JSON as well; - is standard output, in place of the table.", Options.Text, fallback: null, shell);
        var command = new Command("subscribe", "Put records at a rate, subscribe to all shards, and measure from put to event. Without --endpoint a server of its own is measured, with the rates off and temporary data.")
        {
            stream, shards, rate, size, duration, durability, json,
        };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, _) =>
        {
            if (durability.IsGiven(result) && connection.IsGiven(result))
                throw new UsageException("--durability is for the server that is started when no --endpoint is given.");
            shell.ListenToSignals();
            using var own = connection.IsGiven(result) ? null : await ChildServer.StartWeirAsync(result.Get(durability), shell).ConfigureAwait(false);
            var endpoint = own?.Endpoint ?? connection.Endpoint(result) ?? throw new UsageException("Name a server: AWS itself is not measured here.");
            var plan = new SubscribePlan(result.Get(stream), result.Get(shards), result.Get(rate), result.Get(size), result.Get(duration));
            var facts = await ServerFacts.ReadAsync(endpoint, shell.Interrupted).ConfigureAwait(false);
            var fsync = FsyncTime.Measure(shell.Time);
            SubscribeResult measured;
            using (var bench = new SubscribeBench(Client(endpoint, plan, shell), plan, shell))
            using (new ProgressLine(shell, () => "measuring ..."))
                measured = await bench.RunAsync().ConfigureAwait(false);
            var file = result.Get(json);
            if (file != "-")
                WriteText(shell, plan, facts, fsync, measured);
            await JsonOutput.WriteToAsync(shell, file, Json(plan, facts, fsync, measured)).ConfigureAwait(false);
            return measured.Delivered == 0 ? CommandLine.Refused : CommandLine.Success;
        });
        return command;
    }

    // Over HTTP/1.1 each subscription has a connection for itself, and the puts need theirs.
    private static KinesisClient Client(Uri endpoint, SubscribePlan plan, Shell shell) => new(new KinesisClientOptions
    {
        Endpoint = endpoint,
        TimeProvider = shell.Time,
        MaxConnections = plan.Shards + 1000,
        MaxAttempts = 1,
    });

    private static void WriteText(Shell shell, SubscribePlan plan, ServerFacts server, LatencyHistogram fsync, SubscribeResult measured)
    {
        shell.OutText.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"open loop: {Figures.Count(plan.RecordsPerSecond)} records/s of {plan.RecordBytes} bytes are due; {measured.Shards} subscriptions, HTTP/1.1; delay counts from the moment a record was due to its event"));
        shell.OutText.WriteLine($"server: storage {server.Storage}, durability {server.Durability}, limits {server.Limits}, version {server.Version}");
        shell.OutText.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"put {Figures.Count(measured.Put)}, delivered {Figures.Count(measured.Delivered)} in {Figures.Count(measured.Events)} events"));
        shell.OutText.WriteLine();
        var table = new TextTable(new Column("ms"), new Column("p50", true), new Column("p99", true), new Column("p99.9", true), new Column("max", true));
        Add("put to event", measured.Delay);
        Add("one fsync, for comparison", fsync);
        table.Write(shell);

        void Add(string name, LatencyHistogram times) => table.Add(
            name, Milliseconds(times.Percentile(50)), Milliseconds(times.Percentile(99)), Milliseconds(times.Percentile(99.9)), Milliseconds(times.Max));
    }

    private static string Json(SubscribePlan plan, ServerFacts server, LatencyHistogram fsync, SubscribeResult measured) => JsonOutput.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("plan");
        writer.WriteNumber("recordsPerSecond", plan.RecordsPerSecond);
        writer.WriteNumber("recordBytes", plan.RecordBytes);
        writer.WriteNumber("shards", measured.Shards);
        writer.WriteNumber("durationSeconds", plan.Duration.TotalSeconds);
        writer.WriteEndObject();
        writer.WriteStartObject("server");
        writer.WriteString("version", server.Version);
        writer.WriteString("storage", server.Storage);
        writer.WriteString("durability", server.Durability);
        writer.WriteString("limits", server.Limits);
        writer.WriteEndObject();
        writer.WriteNumber("put", measured.Put);
        writer.WriteNumber("delivered", measured.Delivered);
        writer.WriteNumber("events", measured.Events);
        Times("delayMilliseconds", measured.Delay);
        Times("fsyncMilliseconds", fsync);
        writer.WriteEndObject();

        void Times(string name, LatencyHistogram times)
        {
            writer.WriteStartObject(name);
            writer.WriteNumber("p50", times.Percentile(50).TotalMilliseconds);
            writer.WriteNumber("p99", times.Percentile(99).TotalMilliseconds);
            writer.WriteNumber("p999", times.Percentile(99.9).TotalMilliseconds);
            writer.WriteNumber("max", times.Max.TotalMilliseconds);
            writer.WriteEndObject();
        }
    });

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);

    private static TimeSpan UpToLongest(string text) =>
        Options.Duration(text) is var time && time > TimeSpan.Zero && time <= LongestDuration ? time : throw new FormatException("expected a time up to 4m");
}
