using System.Globalization;
using System.Text;
using Weir.Cli.Commands.Streams;
using Weir.Client;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Cli.Bench;

/// <summary>What <c>weir bench overload</c> found.</summary>
/// <param name="MaximumBefore">Records per second that the server takes when nobody asks for more; measured before.</param>
/// <param name="MaximumAfter">The same after, so that a machine that grew slower is not taken for the server.</param>
/// <param name="Overload">What became of the load.</param>
/// <param name="ResidentBytes">Memory of the server, every half second of the overload.</param>
/// <param name="PeakResidentBytes">The most that it ever was.</param>
/// <param name="LimitBytes">What it may be.</param>
/// <param name="MaximumProcessor">Processor time for each record at the maximum.</param>
/// <param name="OverloadProcessor">The same for each accepted one under overload: a comparison that other work on the machine disturbs less.</param>
internal sealed record OverloadFigures(
    LoadResult MaximumBefore, LoadResult MaximumAfter, OverloadResult Overload, IReadOnlyList<long> ResidentBytes, long PeakResidentBytes, long LimitBytes,
    ProcessorTimes MaximumProcessor, ProcessorTimes OverloadProcessor)
{
    /// <summary>Records per second at best: the mean of before and after.</summary>
    public double Maximum => (MaximumBefore.RecordRate + MaximumAfter.RecordRate) / 2;

    /// <summary>Accepted records to the maximum.</summary>
    public double Ratio => Overload.Rate / Math.Max(1, Maximum);

    /// <summary>Whether the server kept its word: every refusal an error of the protocol, and no more memory than allowed.</summary>
    public bool KeptItsWord => Overload.Broken.Count == 0 && PeakResidentBytes <= LimitBytes;
}

/// <summary>Processor time of the two that share the machine.</summary>
/// <param name="Server">The server's.</param>
/// <param name="Load">The load generator's: this process's.</param>
internal readonly record struct ProcessorTimes(TimeSpan Server, TimeSpan Load)
{
    /// <summary>Until now.</summary>
    public static ProcessorTimes Of(ChildServer server) => new(server.ProcessorTime, Environment.CpuUsage.TotalTime);

    /// <summary>What was added since then, for each record.</summary>
    public ProcessorTimes Since(ProcessorTimes then, long records) =>
        new((Server - then.Server) / Math.Max(1, records), (Load - then.Load) / Math.Max(1, records));
}

/// <summary>
/// Offers a server of its own, with a memory limit, far more than it can take: first its maximum by a closed loop of few connections,
/// then the overload over many, with readers that do not read if wanted, then the maximum again.
/// </summary>
internal sealed class OverloadBench(Shell shell, LoadPlan plan, long limitBytes, string durability, int shards, int slowReaders)
{
    // Few connections keep a server busy with batches; of single records one commit takes what all of them have sent.
    private int MaximumConnections => plan.Batch >= 10 ? 8 : Math.Min(plan.Connections, 64);

    private static readonly TimeSpan MaximumWarmup = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MaximumDuration = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>What is done now, for a line of progress.</summary>
    public string Progress { get; private set; } = "starting";

    /// <summary>Runs it all.</summary>
    public async Task<OverloadFigures> RunAsync()
    {
        using var server = await ChildServer.StartWeirAsync(
            durability, shell, null, "--memory-limit", limitBytes.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = server.Endpoint, TimeProvider = shell.Time });
        await client.CreateStreamAsync(new CreateStreamRequest { StreamName = plan.Stream, ShardCount = shards }, shell.Interrupted).ConfigureAwait(false);
        await StreamState.ActiveAsync(client, plan.Stream, shell, shell.Interrupted).ConfigureAwait(false);
        var requests = new RequestPool(plan, server.Endpoint, shell.Seed);
        await MaximumAsync(server, requests, MaximumWarmup).ConfigureAwait(false);
        var began = ProcessorTimes.Of(server);
        var before = await MaximumAsync(server, requests, MaximumDuration).ConfigureAwait(false);
        var processor = ProcessorTimes.Of(server);
        var maximumProcessor = processor.Since(began, before.Records);
        var (overload, resident) = await OverloadAsync(server, client, requests).ConfigureAwait(false);
        var overloadProcessor = ProcessorTimes.Of(server).Since(processor, overload.Accepted);
        await MaximumAsync(server, requests, MaximumWarmup).ConfigureAwait(false);
        var after = await MaximumAsync(server, requests, MaximumDuration).ConfigureAwait(false);
        return new OverloadFigures(before, after, overload, resident, server.PeakResidentBytes, limitBytes, maximumProcessor, overloadProcessor);
    }

    private async Task<LoadResult> MaximumAsync(ChildServer server, RequestPool requests, TimeSpan duration)
    {
        Progress = "measuring the maximum ...";
        var closed = plan with { RecordsPerSecond = 0, Connections = MaximumConnections, Warmup = TimeSpan.Zero, Duration = duration };
        return await new LoadGenerator(closed, server.Endpoint, requests, shell.Time).RunAsync(shell.Interrupted).ConfigureAwait(false);
    }

    private async Task<(OverloadResult Result, IReadOnlyList<long> Resident)> OverloadAsync(ChildServer server, KinesisClient client, RequestPool requests)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(shell.Interrupted);
        var sampling = SampleAsync(server, stop.Token);
        var readers = await StartReadersAsync(server, client, stop.Token).ConfigureAwait(false);
        try
        {
            var result = await new OverloadLoad(plan, server.Endpoint, requests, shell.Time).RunAsync(shell.Interrupted).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            return (result, await sampling.ConfigureAwait(false));
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll([.. readers, sampling]).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<long>> SampleAsync(ChildServer server, CancellationToken stop)
    {
        var samples = new List<long>();
        using var timer = new PeriodicTimer(SampleInterval, shell.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                samples.Add(server.ResidentBytes);
                Progress = string.Create(CultureInfo.InvariantCulture, $"overload: {samples.Count / 2} s, resident {SizeText.Of(samples[^1])} of {SizeText.Of(limitBytes)} ...");
            }
        }
        catch (OperationCanceledException)
        {
            // The overload is over.
        }

        return samples;
    }

    // Each asks for the largest page that there is, from the start of a shard.
    private async Task<List<Task>> StartReadersAsync(ChildServer server, KinesisClient client, CancellationToken stop)
    {
        var readers = new List<Task>();
        for (var i = 0; i < slowReaders; i++)
        {
            var iterator = await client.GetShardIteratorAsync(
                new GetShardIteratorRequest { StreamName = plan.Stream, ShardId = (i % shards).ToString("'shardId-'000000000000", CultureInfo.InvariantCulture), ShardIteratorType = "TRIM_HORIZON" },
                stop).ConfigureAwait(false);
            var request = RequestPool.Whole(plan, server.Endpoint, KinesisOperation.GetRecords, Encoding.UTF8.GetBytes($$"""{"ShardIterator":"{{iterator.ShardIterator}}"}"""));
            readers.Add(new ReluctantReader(server.Endpoint, () => request, shell.Time).RunAsync(stop));
        }

        return readers;
    }
}
