using System.Globalization;
using Weir.Cli.Commands.Streams;
using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Bench;

/// <summary>What the victim measured in one surrounding.</summary>
/// <param name="Name">What else was going on.</param>
internal sealed record FairnessMode(string Name)
{
    /// <summary>The victim's latencies, of all rounds.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>The 99th percentile of each round.</summary>
    public List<TimeSpan> P99 { get; } = [];

    /// <summary>Puts of the victim that were refused or failed.</summary>
    public long Failed { get; set; }
}

/// <summary>
/// Measures what a stream with a modest load notices of others: alone, while another stream is flooded, and while others scan that one at
/// full speed. In turns, so that a machine that grows slower does so for all.
/// </summary>
internal sealed class FairnessBench(Shell shell, FairnessPlan plan)
{
    private const string Victim = "victim", Flood = "flood";
    private const int VictimConnections = 4;

    // Until the disturbing process has started and its load has settled.
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(3);

    /// <summary>What is done now, for a line of progress.</summary>
    public string Progress { get; private set; } = "starting";

    /// <summary>Measures all rounds.</summary>
    /// <returns>Idle first.</returns>
    public async Task<IReadOnlyList<FairnessMode>> RunAsync()
    {
        using var server = await ChildServer.StartWeirAsync(plan.Durability, shell).ConfigureAwait(false);
        using (var client = new KinesisClient(new KinesisClientOptions { Endpoint = server.Endpoint, TimeProvider = shell.Time }))
        {
            await CreateAsync(client, Victim, 1).ConfigureAwait(false);
            await CreateAsync(client, Flood, plan.Shards).ConfigureAwait(false);
        }

        var url = server.Endpoint.ToString();
        var (idle, flood, scan) = (new FairnessMode("idle"), new FairnessMode("a stream is flooded"), new FairnessMode("a stream is scanned"));
        for (var round = 1; round <= plan.Rounds; round++)
        {
            await MeasureAsync(server, idle, round, disturb: null).ConfigureAwait(false);
            await MeasureAsync(server, flood, round, () => BackgroundLoad.Start(
                "bench", "put", "--endpoint", url, "--stream", Flood, "--batch", "500", "--connections", "8", "--duration", "1h", "--warmup", "0s")).ConfigureAwait(false);
            await MeasureAsync(server, scan, round, () => BackgroundLoad.Start(
                "bench", "scan", "--endpoint", url, "--stream", Flood, "--readers", "4")).ConfigureAwait(false);
        }

        return [idle, flood, scan];
    }

    private async Task CreateAsync(KinesisClient client, string stream, int shards)
    {
        await client.CreateStreamAsync(new CreateStreamRequest { StreamName = stream, ShardCount = shards }, shell.Interrupted).ConfigureAwait(false);
        await StreamState.ActiveAsync(client, stream, shell, shell.Interrupted).ConfigureAwait(false);
    }

    private async Task MeasureAsync(ChildServer server, FairnessMode mode, int round, Func<BackgroundLoad>? disturb)
    {
        Progress = string.Create(CultureInfo.InvariantCulture, $"round {round} of {plan.Rounds}: {mode.Name} ...");
        var load = new LoadPlan
        {
            Stream = Victim,
            Region = "us-east-1",
            Connections = VictimConnections,
            RecordBytes = 1024,
            Batch = 1,
            RecordsPerSecond = plan.Rate,
            Keys = 100,
            Duration = plan.Duration,
            Warmup = Warmup,
        };
        using var disturbing = disturb?.Invoke();
        var requests = new RequestPool(load, server.Endpoint, shell.Seed);
        var result = await new LoadGenerator(load, server.Endpoint, requests, shell.Time).RunAsync(shell.Interrupted).ConfigureAwait(false);
        if (disturbing?.HasEnded == true)
            throw new CommandFailure($"The load that was to disturb ended by itself: {mode.Name}.");
        mode.Latency.Add(result.Latency);
        mode.P99.Add(result.Latency.Percentile(99));
        mode.Failed += result.Errors + result.Throttled;
    }
}

/// <summary>What <c>weir bench fairness</c> measures.</summary>
/// <param name="Rate">Records per second of the victim.</param>
/// <param name="Shards">Shards of the other stream.</param>
/// <param name="Rounds">How often each surrounding is measured.</param>
/// <param name="Duration">How long, each time.</param>
/// <param name="Durability">Of the server.</param>
internal sealed record FairnessPlan(int Rate, int Shards, int Rounds, TimeSpan Duration, string Durability);
