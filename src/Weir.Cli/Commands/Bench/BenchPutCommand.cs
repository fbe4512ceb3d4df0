using System.CommandLine;
using System.Text.Json;
using Weir.Cli.Bench;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Output;
using Weir.Client;
using Weir.Log;
using Weir.Model;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench put</c>.</summary>
internal static class BenchPutCommand
{
    private const int MaxRecordBytes = KinesisLimits.DefaultMaxRecordBytes - 64;

    private static readonly TimeSpan LongestSigned = TimeSpan.FromMinutes(4);

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
        var baseline = Options.Flag("--baseline", "Measure yardsticks in turns: a Kestrel endpoint that only reads, parses and answers; for batches, on a server of its own, also the same bytes written and synced without a server. Without --endpoint a server of its own is measured, with the rates off and temporary data.", shell);
        var cbor = Options.Flag("--cbor", "Write the requests in CBOR instead of JSON.", shell);
        var signed = Options.Flag("--signed", "Sign the requests with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. With --baseline, and without --endpoint, the server that is measured verifies signatures, and the yardstick is the same server without.", shell);
        var rounds = Options.Value<int?>("--rounds", "N", "Measured rounds.", text => Options.Integer(1, 1000)(text), fallback: null, shell, shown: "1, with --baseline 3");
        var durability = Options.Value("--durability", "LEVEL", "Durability of the server that --baseline starts.", text => Durability.Parse(text).ToString(), "fsync", shell, shown: "fsync");
        var producer = Options.Flag("--producer", "Put through the producer of Weir.Producer, aggregated and one by one, in turns with PutRecords of 500 without it. --batch and --connections do not apply then.", shell);
        var json = Options.Value<string?>("--json", "FILE", "Write the figures as JSON as well; - is standard output, in place of the tables.", Options.Text, fallback: null, shell);
        var command = new Command("put", "Put records as fast as possible, or at a rate, and measure it.")
        {
            stream, shards, keyId, connections, size, batch, rate, duration, warmup, keys, cbor, baseline, signed, rounds, durability, producer, json,
        };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, _) =>
        {
            if (result.Get(producer))
                return await RunProducerAsync(result).ConfigureAwait(false);
            var compare = result.Get(baseline);
            if (durability.IsGiven(result) && (!compare || connection.IsGiven(result)))
                throw new UsageException("--durability is for the server that --baseline starts when no --endpoint is given.");
            if ((long)result.Get(batch) * (result.Get(size) + 64) > KinesisLimits.MaxPutRecordsBytes)
                throw new UsageException("--batch times --record-size passes the 10 MiB that one PutRecords may have.");
            var length = result.Get(duration) ?? TimeSpan.FromSeconds(compare ? 3 : 10);
            if (result.Get(signed) && length + result.Get(warmup) > LongestSigned)
                throw new UsageException("With --signed a round lasts at most 4m, warm-up included: its requests are signed before it, and signatures are good for five minutes.");
            shell.ListenToSignals();
            LoadConnection.PollInPlace(shell);
            var startsOwn = compare && !connection.IsGiven(result);
            using var credentials = !result.Get(signed) ? null : startsOwn ? LoadCredentials.Make(shell) : LoadCredentials.Of(shell);
            using var own = startsOwn ? await ChildServer.StartWeirAsync(result.Get(durability), shell, credentials?.File).ConfigureAwait(false) : null;
            using var yardstick = !compare ? null
                : credentials is null ? await ChildServer.StartBaselineAsync(shell).ConfigureAwait(false)
                : await ChildServer.StartWeirAsync(result.Get(durability), shell).ConfigureAwait(false);
            var endpoint = own?.Endpoint ?? connection.Endpoint(result);
            if (endpoint is null || endpoint.Scheme != Uri.UriSchemeHttp)
                throw new UsageException("The load generator speaks plain http only.");
            using var client = Client(endpoint, credentials, shell);
            var open = await PrepareAsync(client, result.Get(stream), result.Get(shards), result.Get(keyId), shell).ConfigureAwait(false);
            if (yardstick is not null && credentials is not null)
            {
                using var other = Client(yardstick.Endpoint, credentials: null, shell);
                await PrepareAsync(other, result.Get(stream), result.Get(shards), result.Get(keyId), shell).ConfigureAwait(false);
            }

            var plan = new LoadPlan
            {
                Stream = result.Get(stream),
                KeyId = result.Get(keyId),
                Region = client.Region,
                Codec = result.Get(cbor) ? WireCodec.Cbor : WireCodec.Json,
                Connections = result.Get(connections),
                RecordBytes = result.Get(size),
                Batch = result.Get(batch),
                RecordsPerSecond = result.Get(rate),
                Keys = result.Get(keys),
                Duration = length,
                Warmup = result.Get(warmup),
            };
            var facts = await ServerFacts.ReadAsync(endpoint, shell.Interrupted).ConfigureAwait(false);
            // Only batches can be compared to a disk, and only where the server writes to the same one: single puts share their syncs.
            using var device = startsOwn && credentials is null && plan.Batch > 1 ? new DeviceWrites(plan, shell.Seed, shell.Time) : null;
            var bench = new PutBench(shell, plan, endpoint, facts, yardstick?.Endpoint, device, credentials);
            var measured = await bench.RunAsync(result.Get(rounds) ?? (compare ? 3 : 1)).ConfigureAwait(false);
            await WriteAsync(shell, new BenchReport(plan, endpoint, open, facts, measured), result.Get(json)).ConfigureAwait(false);
            return measured.Exists(round => round.Result.Records == 0) ? CommandLine.Refused : CommandLine.Success;
        });
        return command;

        async Task<int> RunProducerAsync(ParseResult result)
        {
            if (batch.IsGiven(result) || connections.IsGiven(result) || rate.IsGiven(result) || result.Get(baseline) || result.Get(signed) || keyId.IsGiven(result))
                throw new UsageException("--producer excludes --batch, --connections, --rate, --key-id, --baseline and --signed.");
            if (durability.IsGiven(result) && connection.IsGiven(result))
                throw new UsageException("--durability is for the server that --producer starts when no --endpoint is given.");
            shell.ListenToSignals();
            using var own = connection.IsGiven(result) ? null : await ChildServer.StartWeirAsync(result.Get(durability), shell).ConfigureAwait(false);
            var endpoint = own?.Endpoint ?? connection.Endpoint(result) ?? throw new UsageException("--producer makes far more load than AWS should have.");
            using var client = new KinesisClient(new KinesisClientOptions
            {
                Endpoint = endpoint,
                TimeProvider = shell.Time,
                Encoding = result.Get(cbor) ? KinesisEncoding.Cbor : KinesisEncoding.Json,
            });
            var open = await PrepareAsync(client, result.Get(stream), result.Get(shards), keyId: null, shell).ConfigureAwait(false);
            var facts = await ServerFacts.ReadAsync(endpoint, shell.Interrupted).ConfigureAwait(false);
            var plan = new LoadPlan
            {
                Stream = result.Get(stream),
                Region = client.Region,
                Codec = result.Get(cbor) ? WireCodec.Cbor : WireCodec.Json,
                Connections = 0,
                RecordBytes = result.Get(size),
                Batch = KinesisLimits.MaxPutRecordsEntries,
                RecordsPerSecond = 0,
                Keys = result.Get(keys),
                Duration = result.Get(duration) ?? TimeSpan.FromSeconds(10),
                Warmup = result.Get(warmup),
            };
            var measured = await new ProducerBench(shell, plan, client, facts).RunAsync(result.Get(rounds) ?? 1).ConfigureAwait(false);
            var report = new ProducerReport(plan, endpoint, open, facts, measured);
            if (result.Get(json) != "-")
                report.WriteText(shell);
            await JsonOutput.WriteToAsync(shell, result.Get(json), report.Json()).ConfigureAwait(false);
            return measured.Exists(round => round.Result.Stored == 0) ? CommandLine.Refused : CommandLine.Success;
        }
    }

    private static KinesisClient Client(Uri endpoint, LoadCredentials? credentials, Shell shell) =>
        new(new KinesisClientOptions { Endpoint = endpoint, TimeProvider = shell.Time, Credentials = credentials?.Credentials });

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

    private static async Task WriteAsync(Shell shell, BenchReport report, string? file)
    {
        if (file != "-")
            report.WriteText(shell);
        await JsonOutput.WriteToAsync(shell, file, report.Json()).ConfigureAwait(false);
    }

    private static TimeSpan? AtLeast(string text, TimeSpan least) =>
        Options.Duration(text) is var time && time >= least ? time : throw new FormatException($"expected at least {least.TotalMilliseconds:0}ms");
}
