using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weir.Cli.Bench;
using Weir.Cli.Output;
using Weir.Log;
using Weir.Model;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench overload</c>.</summary>
internal static class BenchOverloadCommand
{
    private const string StreamName = "overload";
    private const int MaxRecordBytes = KinesisLimits.DefaultMaxRecordBytes - 64;

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var rate = Options.Value("--rate", "N", "Records a second that are offered, due at fixed times.", Options.Integer(1, 100_000_000), 1_000_000, shell, shown: "1000000");
        var duration = Options.Value("--duration", "TIME", "How long to overload.", Options.Duration, TimeSpan.FromSeconds(60), shell, shown: "60s");
        var limit = Options.Value("--memory-limit", "BYTES", "Memory limit of the server that is measured.", ReadSize, 512L << 20, shell, shown: "512MiB");
        var connections = Options.Value("--connections", "N", "Connections of the overload, each with one request under way.", Options.Integer(1, 10_000), 256, shell, shown: "256");
        var batch = Options.Value("--batch", "N", "Records of a request: 1 is PutRecord, 2 to 500 is PutRecords.", Options.Integer(1, KinesisLimits.MaxPutRecordsEntries), KinesisLimits.MaxPutRecordsEntries, shell, shown: "500");
        var size = Options.Value("--record-size", "BYTES", "Bytes of a record's data.", Options.Integer(1, MaxRecordBytes), 1024, shell, shown: "1024");
        var shards = Options.Value("--shards", "N", "Shards of the stream.", Options.Integer(1, 10_000), 16, shell, shown: "16");
        var readers = Options.Value("--slow-readers", "N", "Clients that ask for the largest pages meanwhile and hardly read them.", Options.Integer(0, 10_000), 0, shell, shown: "0");
        var durability = Options.Value("--durability", "LEVEL", "Durability of the server that is measured.", text => Durability.Parse(text).ToString(), "fsync", shell, shown: "fsync");
        var json = Options.Value<string?>("--json", "FILE", "Write the figures as JSON as well; - is standard output, in place of the table.", Options.Text, fallback: null, shell);
        var command = new Command("overload", "Offer a server of its own, with a memory limit and the rates off, far more than it can take. Ends with 1 when a refusal was no error of the protocol or the limit was passed.")
        {
            rate, duration, limit, connections, batch, size, shards, readers, durability, json,
        };
        command.SetAction(async (result, _) =>
        {
            if ((long)result.Get(batch) * (result.Get(size) + 64) > KinesisLimits.MaxPutRecordsBytes)
                throw new UsageException("--batch times --record-size passes the 10 MiB that one PutRecords may have.");
            shell.ListenToSignals();
            LoadConnection.PollInPlace(shell);
            var plan = new LoadPlan
            {
                Stream = StreamName,
                Region = "us-east-1",
                Connections = result.Get(connections),
                RecordBytes = result.Get(size),
                Batch = result.Get(batch),
                RecordsPerSecond = result.Get(rate),
                Keys = 1000,
                Duration = result.Get(duration),
                Warmup = TimeSpan.Zero,
            };
            var bench = new OverloadBench(shell, plan, result.Get(limit), result.Get(durability), result.Get(shards), result.Get(readers));
            OverloadFigures figures;
            using (new ProgressLine(shell, () => bench.Progress))
                figures = await bench.RunAsync().ConfigureAwait(false);
            var file = result.Get(json);
            if (file != "-")
                WriteText(shell, plan, result.Get(durability), result.Get(readers), figures);
            await JsonOutput.WriteToAsync(shell, file, Json(plan, figures)).ConfigureAwait(false);
            return figures.KeptItsWord ? CommandLine.Success : CommandLine.Refused;
        });
        return command;
    }

    private static void WriteText(Shell shell, LoadPlan plan, string durability, int readers, OverloadFigures figures)
    {
        var (overload, seconds) = (figures.Overload, figures.Overload.Measured.TotalSeconds);
        shell.OutText.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"open loop: {Figures.Count(plan.RecordsPerSecond)} records/s of {plan.RecordBytes} bytes are due for {Figures.Time(plan.Duration)}, {plan.Batch} a request, over {plan.Connections} connections; {readers} slow readers"));
        shell.OutText.WriteLine($"server: storage disk, durability {durability}, limits off, memory limit {SizeText.Of(figures.LimitBytes)}");
        shell.OutText.WriteLine();
        var table = new TextTable(new Column("Records"), new Column("a second", true), new Column("to the maximum", true));
        table.Add("maximum before", Figures.Rate(figures.MaximumBefore.RecordRate), "");
        table.Add("maximum after", Figures.Rate(figures.MaximumAfter.RecordRate), "");
        table.Add("offered", Figures.Rate(overload.Offered / seconds), Ratio(overload.Offered / seconds / figures.Maximum));
        table.Add("accepted", Figures.Rate(overload.Rate), Ratio(figures.Ratio));
        foreach (var (code, count) in overload.Refused)
            table.Add($"refused: {code}", Figures.Rate(count / seconds), Ratio(count / seconds / figures.Maximum));
        table.Add("waited with the sender", Figures.Rate(overload.Unsent / seconds), Ratio(overload.Unsent / seconds / figures.Maximum));
        table.Write(shell);
        shell.OutText.WriteLine();
        shell.OutText.WriteLine($"requests of which something was accepted: p50 {Milliseconds(overload.Latency, 50)} ms, p99 {Milliseconds(overload.Latency, 99)} ms; at the maximum p50 {Milliseconds(figures.MaximumBefore.Latency, 50)} ms, p99 {Milliseconds(figures.MaximumBefore.Latency, 99)} ms");
        shell.OutText.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"processor time for an accepted record: the server's {figures.OverloadProcessor.Server.TotalMicroseconds:0.00} us, at the maximum {figures.MaximumProcessor.Server.TotalMicroseconds:0.00} us; the load generator's {figures.OverloadProcessor.Load.TotalMicroseconds:0.00} us, at the maximum {figures.MaximumProcessor.Load.TotalMicroseconds:0.00} us"));
        var most = figures.ResidentBytes.Count == 0 ? 0 : figures.ResidentBytes.Max();
        shell.OutText.WriteLine($"resident memory: {SizeText.Of(most)} at most in samples, {SizeText.Of(figures.PeakResidentBytes)} ever, of {SizeText.Of(figures.LimitBytes)}");
        foreach (var (what, count) in overload.Broken)
            shell.OutText.WriteLine($"no answer of the protocol: {what} ({Figures.Count(count)})");
    }

    private static string Json(LoadPlan plan, OverloadFigures figures) => JsonOutput.Text(writer =>
    {
        var overload = figures.Overload;
        writer.WriteStartObject();
        writer.WriteNumber("recordsPerSecond", plan.RecordsPerSecond);
        writer.WriteNumber("recordBytes", plan.RecordBytes);
        writer.WriteNumber("batch", plan.Batch);
        writer.WriteNumber("connections", plan.Connections);
        writer.WriteNumber("durationSeconds", plan.Duration.TotalSeconds);
        writer.WriteNumber("maximumBefore", figures.MaximumBefore.RecordRate);
        writer.WriteNumber("maximumAfter", figures.MaximumAfter.RecordRate);
        writer.WriteNumber("offered", overload.Offered);
        writer.WriteNumber("accepted", overload.Accepted);
        writer.WriteNumber("acceptedToMaximum", figures.Ratio);
        Counts(writer, "refused", overload.Refused);
        writer.WriteNumber("unsent", overload.Unsent);
        Counts(writer, "broken", overload.Broken);
        writer.WriteStartObject("latencyMilliseconds");
        writer.WriteNumber("p50", overload.Latency.Percentile(50).TotalMilliseconds);
        writer.WriteNumber("p99", overload.Latency.Percentile(99).TotalMilliseconds);
        writer.WriteEndObject();
        writer.WriteNumber("processorMicrosecondsAtMaximum", figures.MaximumProcessor.Server.TotalMicroseconds);
        writer.WriteNumber("processorMicroseconds", figures.OverloadProcessor.Server.TotalMicroseconds);
        writer.WriteNumber("loadProcessorMicrosecondsAtMaximum", figures.MaximumProcessor.Load.TotalMicroseconds);
        writer.WriteNumber("loadProcessorMicroseconds", figures.OverloadProcessor.Load.TotalMicroseconds);
        writer.WriteNumber("memoryLimitBytes", figures.LimitBytes);
        writer.WriteNumber("peakResidentBytes", figures.PeakResidentBytes);
        writer.WriteStartArray("residentBytes");
        foreach (var sample in figures.ResidentBytes)
            writer.WriteNumberValue(sample);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Counts(Utf8JsonWriter writer, string name, SortedDictionary<string, long> counts)
    {
        writer.WriteStartObject(name);
        foreach (var (what, count) in counts)
            writer.WriteNumber(what, count);
        writer.WriteEndObject();
    }

    private static long ReadSize(string text) => SizeText.TryParse(text, out var bytes) ? bytes : throw new FormatException($"expected {SizeText.Form}");

    private static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Milliseconds(LatencyHistogram latency, double percent) => latency.Percentile(percent).TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);
}
