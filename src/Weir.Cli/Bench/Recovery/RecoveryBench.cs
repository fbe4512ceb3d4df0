using System.Globalization;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Output;
using Weir.Client;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Cli.Bench.Recovery;

/// <summary>What to recover.</summary>
/// <param name="Bytes">Bytes of data in all.</param>
/// <param name="Streams">Streams that they are spread over.</param>
/// <param name="Shards">Shards of each.</param>
/// <param name="RecordBytes">Bytes of a record's data.</param>
/// <param name="Rounds">How often to kill and start.</param>
internal sealed record RecoveryPlan(long Bytes, int Streams, int Shards, int RecordBytes, int Rounds);

/// <summary>One kill and start.</summary>
/// <param name="Number">From 1.</param>
/// <param name="LoadRecords">Records that were acknowledged between the start before and the kill.</param>
/// <param name="Start">From the process to the line that it listens.</param>
/// <param name="Last">What the start had to read.</param>
/// <param name="EmptyStart">The start of a server without data, in the same round.</param>
internal sealed record RecoveryRound(int Number, long LoadRecords, TimeSpan Start, LastSegments Last, TimeSpan EmptyStart)
{
    /// <summary>What the start took beside reading the last segments.</summary>
    public TimeSpan Rest => Start - Last.Reading;
}

/// <summary>Fills a data directory, and then again and again kills its server in the middle of puts and measures its start.</summary>
internal sealed class RecoveryBench(Shell shell, RecoveryPlan plan)
{
    // Long enough that every stream takes records again, and that a kill meets commits under way.
    private static readonly TimeSpan LoadTime = TimeSpan.FromSeconds(2);

    private const int LoadBatch = 100;

    private string _progress = "starting ...";

    /// <summary>Runs the bench to its end.</summary>
    public async Task<List<RecoveryRound>> RunAsync()
    {
        using var progress = new ProgressLine(shell, () => _progress);
        using var empty = await ChildServer.StartWeirAsync("fsync", shell).ConfigureAwait(false);
        using var server = await ChildServer.StartWeirAsync("fsync", shell).ConfigureAwait(false);
        var region = await FillAsync(server).ConfigureAwait(false);
        var rounds = new List<RecoveryRound>();
        for (var number = 1; number <= plan.Rounds; number++)
        {
            _progress = string.Create(CultureInfo.InvariantCulture, $"round {number} of {plan.Rounds} ...");
            var stored = await LoadAndKillAsync(server, region).ConfigureAwait(false);
            var last = LastSegments.Read(server.Data!, shell.Time);
            var start = await server.StartAgainAsync(shell).ConfigureAwait(false);
            rounds.Add(new RecoveryRound(number, stored, start, last, await empty.RestartAsync(shell).ConfigureAwait(false)));
        }

        return rounds;
    }

    private static string StreamName(int number) => string.Create(CultureInfo.InvariantCulture, $"stream-{number:D4}");

    private async Task<string> FillAsync(ChildServer server)
    {
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = server.Endpoint, TimeProvider = shell.Time });
        var filler = new StreamFiller(shell, server.Endpoint, client.Region, plan.RecordBytes);
        for (var number = 1; number <= plan.Streams; number++)
        {
            await client.CreateStreamAsync(new CreateStreamRequest { StreamName = StreamName(number), ShardCount = plan.Shards }, shell.Interrupted).ConfigureAwait(false);
            await StreamState.ActiveAsync(client, StreamName(number), shell, shell.Interrupted).ConfigureAwait(false);
            _progress = $"filling: {Figures.Bytes(filler.StoredBytes)} of {Figures.Bytes(plan.Bytes)} ...";
            // Not all alike, as no real streams are: else every last segment would be equally full. The sum is the plan's.
            var share = plan.Bytes / plan.Streams * ((2 * number) - 1) / plan.Streams;
            await filler.FillAsync(StreamName(number), share).ConfigureAwait(false);
        }

        return client.Region;
    }

    // The connections break at the kill, which ends the load; what it counted until then is what it was acknowledged.
    private async Task<long> LoadAndKillAsync(ChildServer server, string region)
    {
        var loads = Enumerable.Range(1, plan.Streams).Select(number => Load(number, server.Endpoint, region)).ToList();
        var running = loads.Select(load => load.RunAsync(shell.Interrupted)).ToList();
        await Task.Delay(LoadTime, shell.Time, shell.Interrupted).ConfigureAwait(false);
        server.Kill();
        var results = await Task.WhenAll(running).ConfigureAwait(false);
        var stored = results.Sum(result => result.Records);
        return stored > 0 ? stored : throw new CommandFailure("No record was stored before the kill, so it was none under load.");
    }

    private LoadGenerator Load(int number, Uri endpoint, string region)
    {
        var load = new LoadPlan
        {
            Stream = StreamName(number),
            Region = region,
            Codec = WireCodec.Cbor,
            Connections = 1,
            RecordBytes = plan.RecordBytes,
            Batch = LoadBatch,
            RecordsPerSecond = 0,
            Keys = LoadBatch,
            // The kill comes first; what is left of the time is waited for, as the generator has no other end.
            Duration = LoadTime + TimeSpan.FromSeconds(1),
            Warmup = TimeSpan.Zero,
        };
        return new LoadGenerator(load, endpoint, new RequestPool(load, endpoint, shell.Seed), shell.Time);
    }
}
