using System.CommandLine;
using System.Globalization;
using Weir.Cli.Bench;
using Weir.Cli.Bench.Limits;
using Weir.Cli.Output;
using Weir.Client;
using Weir.Model;
using Weir.Producer;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench limits</c>.</summary>
internal static class BenchLimitsCommand
{
    private const int MaxRecordBytes = 100 * 1024;

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var shards = Options.Value("--shards", "N", "Shards of each stream.", Options.Integer(1, 1000), 4, shell, shown: "4");
        var size = Options.Value("--record-size", "BYTES", "Bytes of a user record's data.", Options.Integer(RecordLedger.NumberBytes, MaxRecordBytes), 1024, shell, shown: "1024");
        var times = Options.Value("--times", "N", "How many times what the shards take is offered.", Options.Integer(1, 1000), 10, shell, shown: "10");
        var duration = Options.Value("--duration", "TIME", "How long to measure, each way.", Options.Duration, TimeSpan.FromSeconds(60), shell, shown: "60s");
        var warmup = Options.Value("--warmup", "TIME", "How long to offer before measuring: the shards' buckets are empty by then.", Options.Duration, TimeSpan.FromSeconds(5), shell, shown: "5s");
        var credit = Options.Value("--credit", "BYTES", "The producer's credit.", ReadSize, ProducerOptions.DefaultMaxBufferedBytes, shell, shown: "32MiB");
        var whenFull = Options.Value("--when-full", "wait|fail|drop", "What a put does when the credit is used up.", Policy, FullPolicy.Wait, shell, shown: "wait");
        var pace = Options.Value("--rate-limit", "PERCENT", "How much of the shards' rates the producer uses; 0 is no pacing.", Options.Integer(0, 1000), ProducerOptions.DefaultRateLimitPercent, shell, shown: "100");
        var order = Options.Flag("--keep-order", "Let the producer keep the order of each key.", shell);
        var json = Options.Value<string?>("--json", "FILE", "Write the figures as JSON as well; - is standard output, in place of the tables.", Options.Text, fallback: null, shell);
        var command = new Command("limits", "Offer a stream far more than its shards take: through a producer, and by PutRecords with naive retries beside it; then read it back. Without --endpoint a server of its own, with the limits of AWS. Ends with 1 when a record has no outcome or a wrong one.")
        {
            shards, size, times, duration, warmup, credit, whenFull, pace, order, json,
        };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, _) =>
        {
            if (result.Get(credit) < 64 * 1024)
                throw new UsageException("--credit must be at least 64KiB.");
            shell.ListenToSignals();
            var plan = new LimitsPlan
            {
                Shards = result.Get(shards),
                RecordBytes = result.Get(size),
                Times = result.Get(times),
                CreditBytes = result.Get(credit),
                WhenFull = result.Get(whenFull),
                RateLimitPercent = result.Get(pace),
                KeepOrder = result.Get(order),
                Duration = result.Get(duration),
                Warmup = result.Get(warmup),
            };
            using var own = connection.IsGiven(result) ? null : await ChildServer.StartLimitedAsync(shell).ConfigureAwait(false);
            var endpoint = own?.Endpoint ?? connection.Endpoint(result) ?? throw new UsageException("bench limits makes far more requests than AWS should have.");
            using var client = new KinesisClient(new KinesisClientOptions { Endpoint = endpoint, TimeProvider = shell.Time });
            var facts = await ServerFacts.ReadAsync(endpoint, shell.Interrupted).ConfigureAwait(false);
            // Streams of an earlier run may still be there.
            var prefix = string.Create(CultureInfo.InvariantCulture, $"weir-limits-{shell.Time.GetUtcNow().ToUnixTimeSeconds()}");
            var bench = new LimitsBench(shell, plan, client, prefix);
            List<LimitsResult> results;
            using (new ProgressLine(shell, () => bench.Progress))
                results = await bench.RunAsync().ConfigureAwait(false);
            var report = new LimitsReport(plan, endpoint, facts, results);
            if (result.Get(json) != "-")
                report.WriteText(shell);
            await JsonOutput.WriteToAsync(shell, result.Get(json), report.Json()).ConfigureAwait(false);
            return results.TrueForAll(one => one.Balance.IsTrue) ? CommandLine.Success : CommandLine.Refused;
        });
        return command;
    }

    private static FullPolicy Policy(string text) => Options.OneOf("wait", "fail", "drop")(text) switch
    {
        "wait" => FullPolicy.Wait,
        "fail" => FullPolicy.Fail,
        _ => FullPolicy.Drop,
    };

    private static long ReadSize(string text) => SizeText.TryParse(text, out var bytes) ? bytes : throw new FormatException($"expected {SizeText.Form}");
}
