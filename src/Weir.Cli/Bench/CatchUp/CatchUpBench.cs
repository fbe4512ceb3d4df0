using System.Globalization;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Output;
using Weir.Client;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Cli.Bench.CatchUp;

/// <summary>What to read.</summary>
/// <param name="Stream">The stream; made for the measurement and deleted after it.</param>
/// <param name="Shards">Its shards.</param>
/// <param name="Bytes">Bytes of data in all.</param>
/// <param name="RecordBytes">Bytes of a record's data.</param>
/// <param name="Connections">Readers, each with a connection and one request under way.</param>
/// <param name="Codecs">Encodings, each read in turn.</param>
/// <param name="Rounds">Measured rounds.</param>
internal sealed record CatchUpPlan(string Stream, int Shards, long Bytes, int RecordBytes, int Connections, IReadOnlyList<WireCodec> Codecs, int Rounds);

/// <summary>A measured lap.</summary>
/// <param name="Target"><c>weir</c>, <c>server</c> for one that is none, or <c>baseline</c>.</param>
/// <param name="Codec">The encoding.</param>
/// <param name="Number">From 1.</param>
/// <param name="Records">Records that were read.</param>
/// <param name="RecordBytes">Bytes of data of each.</param>
/// <param name="Lap">What it came to.</param>
internal sealed record CatchUpRound(string Target, WireCodec Codec, int Number, long Records, int RecordBytes, LapResult Lap)
{
    /// <summary>Bytes of the records' data per second, in either encoding.</summary>
    public double ByteRate => Records * (double)RecordBytes / Lap.Elapsed.TotalSeconds;

    /// <summary>Pages per second.</summary>
    public double PageRate => Lap.Pages / Lap.Elapsed.TotalSeconds;
}

/// <summary>Fills a stream, and reads all of it again and again, in turns with an endpoint that only encodes and sends.</summary>
internal sealed class CatchUpBench(Shell shell, CatchUpPlan plan, Uri endpoint, ServerFacts server, Uri? baseline, KinesisClient client)
{
    private readonly StreamFiller _filler = new(shell, endpoint, client.Region, plan.RecordBytes);
    private string _progress = "starting ...";

    /// <summary>Records in the stream, counted by reading them.</summary>
    public long Records { get; private set; }

    /// <summary>Runs the bench to its end.</summary>
    public async Task<List<CatchUpRound>> RunAsync()
    {
        using var progress = new ProgressLine(shell, () => _progress == "filling" ? $"filling: {Figures.Bytes(_filler.StoredBytes)} of {Figures.Bytes(plan.Bytes)} ..." : _progress);
        await CreateAsync().ConfigureAwait(false);
        try
        {
            _progress = "filling";
            await _filler.FillAsync(plan.Stream, plan.Bytes).ConfigureAwait(false);
            return await MeasureAsync().ConfigureAwait(false);
        }
        finally
        {
            // Not ours to interrupt: what was made for the measurement goes with it.
            await client.DeleteStreamAsync(new DeleteStreamRequest { StreamName = plan.Stream }, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task CreateAsync()
    {
        try
        {
            await client.CreateStreamAsync(new CreateStreamRequest { StreamName = plan.Stream, ShardCount = plan.Shards }, shell.Interrupted).ConfigureAwait(false);
        }
        catch (KinesisResourceInUseException)
        {
            throw new CommandFailure($"There is a stream {plan.Stream} already: name another with --stream. It is made for the measurement, and deleted after it.");
        }

        await StreamState.ActiveAsync(client, plan.Stream, shell, shell.Interrupted).ConfigureAwait(false);
    }

    private async Task<List<CatchUpRound>> MeasureAsync()
    {
        var shards = await StreamState.ShardsAsync(client, plan.Stream, filter: null, shell.Interrupted).ConfigureAwait(false);
        var pages = await VerifyAsync(shards).ConfigureAwait(false);
        var rounds = new List<CatchUpRound>();
        for (var number = 1; number <= plan.Rounds; number++)
        {
            foreach (var codec in plan.Codecs)
            {
                var counter = string.Create(CultureInfo.InvariantCulture, $"round {number} of {plan.Rounds}, {NameOf(codec)}");
                if (baseline is not null)
                {
                    _progress = $"{counter}: {BenchReport.Baseline} ...";
                    var lap = await LapAsync(baseline, codec, [.. pages.Select(PageServer.IteratorOf)], count: false).ConfigureAwait(false);
                    rounds.Add(new CatchUpRound(BenchReport.Baseline, codec, number, lap.Pages * PageServer.RecordsOfPage(plan.RecordBytes), plan.RecordBytes, lap));
                }

                _progress = $"{counter}: {server.Name} ...";
                var own = await LapAsync(endpoint, codec, await IteratorsAsync(shards).ConfigureAwait(false), count: false).ConfigureAwait(false);
                rounds.Add(new CatchUpRound(server.Name, codec, number, Records, plan.RecordBytes, own));
            }
        }

        return rounds;
    }

    // Also what warms up the servers, their compilers and the page cache. Afterwards a lap need not look at its records.
    private async Task<int[]> VerifyAsync(List<Shard> shards)
    {
        int[] pages = [];
        foreach (var codec in plan.Codecs)
        {
            _progress = $"counting, {NameOf(codec)} ...";
            var lap = await LapAsync(endpoint, codec, await IteratorsAsync(shards).ConfigureAwait(false), count: true).ConfigureAwait(false);
            Records = lap.Records;
            pages = lap.PagesByShard;
            if (Records * plan.RecordBytes != _filler.StoredBytes)
                throw new CommandFailure($"Of {Figures.Count(_filler.StoredBytes / plan.RecordBytes)} records that were stored, {Figures.Count(Records)} were read in {NameOf(codec)}.");
            if (baseline is not null)
                await LapAsync(baseline, codec, [.. pages.Select(PageServer.IteratorOf)], count: false).ConfigureAwait(false);
        }

        return pages;
    }

    private Task<LapResult> LapAsync(Uri target, WireCodec codec, IReadOnlyList<string> iterators, bool count) =>
        new CatchUpLap(target, codec, client.Region, plan.Connections, shell.Time).RunAsync(iterators, count, shell.Interrupted);

    // Anew for each lap: an iterator is good for five minutes.
    private async Task<List<string>> IteratorsAsync(List<Shard> shards)
    {
        var iterators = new List<string>();
        foreach (var shard in shards)
        {
            var answer = await client.GetShardIteratorAsync(
                new GetShardIteratorRequest { StreamName = plan.Stream, ShardId = shard.ShardId, ShardIteratorType = ShardIteratorTypes.TrimHorizon },
                shell.Interrupted).ConfigureAwait(false);
            iterators.Add(answer.ShardIterator!);
        }

        return iterators;
    }

    /// <summary>How an encoding is called in tables and documents.</summary>
    public static string NameOf(WireCodec codec) => codec == WireCodec.Cbor ? "cbor" : "json";
}
