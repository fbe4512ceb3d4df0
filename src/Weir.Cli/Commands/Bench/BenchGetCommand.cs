using System.CommandLine;
using Weir.Cli.Bench;
using Weir.Cli.Bench.CatchUp;
using Weir.Cli.Output;
using Weir.Client;
using Weir.Log;
using Weir.Model;
using Weir.Protocol.Wire;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench get</c>.</summary>
internal static class BenchGetCommand
{
    private const int MaxRecordBytes = KinesisLimits.DefaultMaxRecordBytes - 64;

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var stream = Options.Value("--stream", "NAME", "The stream; made for the measurement, and deleted after it.", Options.Text, "weir-bench-get", shell, shown: "weir-bench-get");
        var bytes = Options.Value("--bytes", "SIZE", "Data in the stream, such as 500MB or 2GB.", ByteText.Reader(1_000_000, 1_000_000_000_000), 2_000_000_000L, shell, shown: "2GB");
        var shards = Options.Value("--shards", "N", "Shards of the stream.", Options.Integer(1, 1000), 16, shell, shown: "16");
        var size = Options.Value("--record-size", "BYTES", "Bytes of a record's data.", Options.Integer(1, MaxRecordBytes), 1024, shell, shown: "1024");
        var connections = Options.Value("--connections", "N", "Readers, each with a connection and one request under way; a shard is read by one.", Options.Integer(1, 1000), 4, shell, shown: "4");
        var jsonWire = Options.Flag("--json-wire", "Read in JSON only.", shell);
        var cbor = Options.Flag("--cbor", "Read in CBOR only. With neither, both are read in turns.", shell);
        var baseline = Options.Flag("--baseline", "Measure a yardstick in turns: a Kestrel endpoint that only encodes prepared buffers and sends pages of the same size.", shell);
        var rounds = Options.Value("--rounds", "N", "Measured rounds.", Options.Integer(1, 1000), 5, shell, shown: "5");
        var durability = Options.Value("--durability", "LEVEL", "Durability of the server that is started when no --endpoint is given.", text => Durability.Parse(text).ToString(), "fsync", shell, shown: "fsync");
        var json = Options.Value<string?>("--json", "FILE", "Write the figures as JSON as well; - is standard output, in place of the tables.", Options.Text, fallback: null, shell);
        var command = new Command("get", "Fill a stream and read all of it by GetRecords, as a consumer that has fallen behind. Without --endpoint a server of its own is measured, with the rates off and temporary data.")
        {
            stream, bytes, shards, size, connections, jsonWire, cbor, baseline, rounds, durability, json,
        };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, _) =>
        {
            if (durability.IsGiven(result) && connection.IsGiven(result))
                throw new UsageException("--durability is for the server that is started when no --endpoint is given.");
            if (result.Get(jsonWire) && result.Get(cbor))
                throw new UsageException("--json-wire and --cbor exclude each other; without them both are read.");
            shell.ListenToSignals();
            var startsOwn = !connection.IsGiven(result);
            if (startsOwn)
                DiskRoom.Check(result.Get(bytes), logs: 1);
            using var own = startsOwn ? await ChildServer.StartWeirAsync(result.Get(durability), shell).ConfigureAwait(false) : null;
            using var yardstick = result.Get(baseline) ? await ChildServer.StartPagesAsync(result.Get(size), shell).ConfigureAwait(false) : null;
            var endpoint = own?.Endpoint ?? connection.Endpoint(result);
            if (endpoint is null || endpoint.Scheme != Uri.UriSchemeHttp)
                throw new UsageException("The reader speaks plain http only.");
            using var client = new KinesisClient(new KinesisClientOptions { Endpoint = endpoint, TimeProvider = shell.Time });
            var plan = new CatchUpPlan(
                result.Get(stream), result.Get(shards), result.Get(bytes), result.Get(size), result.Get(connections), Codecs(result.Get(jsonWire), result.Get(cbor)), result.Get(rounds));
            var facts = await ServerFacts.ReadAsync(endpoint, shell.Interrupted).ConfigureAwait(false);
            var bench = new CatchUpBench(shell, plan, endpoint, facts, yardstick?.Endpoint, client);
            var measured = await bench.RunAsync().ConfigureAwait(false);
            var report = new CatchUpReport(plan, endpoint, facts, bench.Records, measured);
            var file = result.Get(json);
            if (file != "-")
                report.WriteText(shell);
            await JsonOutput.WriteToAsync(shell, file, report.Json()).ConfigureAwait(false);
            return CommandLine.Success;
        });
        return command;
    }

    private static IReadOnlyList<WireCodec> Codecs(bool jsonOnly, bool cborOnly) =>
        jsonOnly ? [WireCodec.Json] : cborOnly ? [WireCodec.Cbor] : [WireCodec.Json, WireCodec.Cbor];
}
