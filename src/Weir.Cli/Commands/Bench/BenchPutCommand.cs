using System.CommandLine;
using System.Text.Json;
using Weir.Cli.Bench;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Output;
using Weir.Client;
using Weir.Log;
using Weir.Model;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench put</c>.</summary>
internal static class BenchPutCommand
{
    private const int MaxRecordBytes = KinesisLimits.DefaultMaxRecordBytes - 64;

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var stream = Options.Value("--stream", "NAME", "The stream; created when it does not exist.", Options.Text, "weir-bench", shell, shown: "weir-bench");
        var shards = Options.Value("--shards", "N", "Shards of a stream that is created.", Options.Integer(1, 10_000), 4, shell, shown: "4");
        var connections = Options.Value("--connections", "N", "Connections, each with one request under way.", Options.Integer(1, 10_000), 16, shell, shown: "16");
        var size = Options.Value("--record-size", "BYTES", "Bytes of a record's data.", Options.Integer(1, MaxRecordBytes), 1024, shell, shown: "1024");
        var batch = Options.Value("--batch", "N", "Records of a request: 1 is PutRecord, 2 to 500 is PutRecords.", Options.Integer(1, KinesisLimits.MaxPutRecordsEntries), 1, shell, shown: "1");
        var keyId = Options.Value<string?>("--key-id", "KEY", "Encrypt the stream's records with this key, by StartStreamEncryption.", Options.Text, fallback: null, shell);
        var rate = Options.Value("--rate", "N", "Records a second in all, due at fixed times (open loop); 0 sends as fast as answers come (closed loop).", Options.Integer(0, 100_000_000), 0, shell, shown: "0");
        var duration = Options.Value<TimeSpan?>("--duration", "TIME", "How long to measure, in each round.", text => AtLeast(text, TimeSpan.FromMilliseconds(100)), fallback: null, shell, shown: "10s, with --baseline 3s");
        var warmup = Options.Value("--warmup", "TIME", "How long to run before measuring, in each round.", Options.Duration, TimeSpan.FromSeconds(2), shell, shown: "2s");
        var keys = Options.Value("--keys", "N", "Different partition keys.", Options.Integer(1, 10_000_000), 1000, shell, shown: "1000");
        var baseline = Options.Flag("--baseline", "Measure a yardstick in turns: a Kestrel endpoint that only reads, parses and answers. Without --endpoint a server of its own is measured, with the rates off and temporary data.", shell);
        var rounds = Options.Value<int?>("--rounds", "N", "Measured rounds.", text => Options.Integer(1, 1000)(text), fallback: null, shell, shown: "1, with --baseline 3");
        var durability = Options.Value("--durability", "LEVEL", "Durability of the server that --baseline starts.", text => Durability.Parse(text).ToString(), "fsync", shell, shown: "fsync");
        var json = Options.Value<string?>("--json", "FILE", "Write the figures as JSON as well; - is standard output, in place of the tables.", Options.Text, fallback: null, shell);
        var command = new Command("put", "Put records as fast as possible, or at a rate, and measure it.")
        {
            stream, shards, keyId, connections, size, batch, rate, duration, warmup, keys, baseline, rounds, durability, json,
        };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, _) =>
        {
            var compare = result.Get(baseline);
            if (durability.IsGiven(result) && (!compare || connection.IsGiven(result)))
                throw new UsageException("--durability is for the server that --baseline starts when no --endpoint is given.");
            if ((long)result.Get(batch) * (result.Get(size) + 64) > KinesisLimits.MaxPutRecordsBytes)
                throw new UsageException("--batch times --record-size passes the 10 MiB that one PutRecords may have.");
            shell.ListenToSignals();
            using var own = compare && !connection.IsGiven(result)
                ? await ChildServer.StartWeirAsync(result.Get(durability), shell).ConfigureAwait(false)
                : null;
            using var yardstick = compare ? await ChildServer.StartBaselineAsync(shell).ConfigureAwait(false) : null;
            var endpoint = own?.Endpoint ?? connection.Endpoint(result);
            if (endpoint is null || endpoint.Scheme != Uri.UriSchemeHttp)
                throw new UsageException("The load generator speaks plain http only, and does not sign.");
            using var client = new KinesisClient(new KinesisClientOptions { Endpoint = endpoint, TimeProvider = shell.Time });
            var open = await PrepareAsync(client, result.Get(stream), result.Get(shards), result.Get(keyId), shell).ConfigureAwait(false);
            var plan = new LoadPlan
            {
                Stream = result.Get(stream),
                KeyId = result.Get(keyId),
                Region = client.Region,
                Connections = result.Get(connections),
                RecordBytes = result.Get(size),
                Batch = result.Get(batch),
                RecordsPerSecond = result.Get(rate),
                Keys = result.Get(keys),
                Duration = result.Get(duration) ?? TimeSpan.FromSeconds(compare ? 3 : 10),
                Warmup = result.Get(warmup),
            };
            var facts = await FactsAsync(endpoint, shell.Interrupted).ConfigureAwait(false);
            var measured = await MeasureAsync(shell, plan, endpoint, yardstick?.Endpoint, result.Get(rounds) ?? (compare ? 3 : 1)).ConfigureAwait(false);
            await WriteAsync(shell, new BenchReport(plan, endpoint, open, facts, measured), result.Get(json)).ConfigureAwait(false);
            return measured.Exists(round => round.Result.Records == 0) ? CommandLine.Refused : CommandLine.Success;
        });
        return command;
    }

    // The number of open shards.
    private static async Task<int> PrepareAsync(KinesisClient client, string stream, int shards, string? keyId, Shell shell)
    {
        try
        {
            await client.CreateStreamAsync(new CreateStreamRequest { StreamName = stream, ShardCount = shards }, shell.Interrupted).ConfigureAwait(false);
        }
        catch (KinesisResourceInUseException)
        {
            // It is there already, which is as well.
        }

        await StreamState.ActiveAsync(client, stream, shell, shell.Interrupted).ConfigureAwait(false);
        if (keyId is not null)
        {
            await client.SendAsync<StartStreamEncryptionRequest, StartStreamEncryptionResponse>(
                new StartStreamEncryptionRequest { StreamName = stream, EncryptionType = EncryptionTypes.Kms, KeyId = keyId }, shell.Interrupted).ConfigureAwait(false);
        }

        return (await StreamState.ActiveAsync(client, stream, shell, shell.Interrupted).ConfigureAwait(false)).OpenShardCount ?? 0;
    }

    private static async Task<List<BenchRound>> MeasureAsync(Shell shell, LoadPlan plan, Uri endpoint, Uri? baseline, int rounds)
    {
        var requests = new RequestPool(plan, endpoint, shell.Seed);
        var targets = new List<(string Name, Uri Address)> { ("weir", endpoint) };
        if (baseline is not null)
            targets.Insert(0, (BenchReport.Baseline, baseline));
        var measured = new List<BenchRound>();
        var current = "";
        using var progress = new ProgressLine(shell, () => current);
        // Round 0 is for the compilers: both processes, and this one, are still starting then, and the first target would pay for it.
        for (var number = plan.Warmup > TimeSpan.Zero ? 0 : 1; number <= rounds; number++)
        {
            foreach (var (name, address) in targets)
            {
                current = number == 0 ? $"warming up: {name} ..." : $"round {number} of {rounds}: {name} ...";
                var load = number == 0 ? plan with { Duration = plan.Warmup, Warmup = TimeSpan.Zero } : plan;
                var result = await new LoadGenerator(load, address, requests, shell.Time).RunAsync(shell.Interrupted).ConfigureAwait(false);
                if (number > 0)
                    measured.Add(new BenchRound(name, number, result));
            }
        }

        return measured;
    }

    private static async Task<ServerFacts> FactsAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        try
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            using var document = JsonDocument.Parse(await http.GetStringAsync(new Uri(endpoint, "/_weir/info"), cancellationToken).ConfigureAwait(false));
            return new ServerFacts(Member("version"), Member("storage"), Member("durability"), Member("limits"));

            string Member(string name) => document.RootElement.TryGetProperty(name, out var value) ? value.ToString() : "unknown";
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Another server of the API: it can be measured all the same.
            return ServerFacts.Unknown;
        }
    }

    private static async Task WriteAsync(Shell shell, BenchReport report, string? file)
    {
        if (file != "-")
            report.WriteText(shell);
        await JsonOutput.WriteToAsync(shell, file, report.Json()).ConfigureAwait(false);
    }

    private static TimeSpan? AtLeast(string text, TimeSpan least) =>
        Options.Duration(text) is var time && time >= least ? time : throw new FormatException($"expected at least {least.TotalMilliseconds:0}ms");
}
