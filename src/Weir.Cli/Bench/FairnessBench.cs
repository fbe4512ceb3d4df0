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

    /// <summary>Bytes of records that the server took and gave for the others meanwhile.</summary>
    public long OthersBytes { get; set; }

    /// <summary>How long that took, the warm-ups with it.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>What the others had, in bytes per second.</summary>
    public double OthersRate => Elapsed == default ? 0 : OthersBytes / Elapsed.TotalSeconds;
}

/// <summary>
/// Measures what a stream with a modest load notices of others: alone, while another stream is flooded, and while others scan that one at
/// full speed. In turns, so that a machine that grows slower does so for all.
/// </summary>
internal sealed class FairnessBench(Shell shell, FairnessPlan plan) : IDisposable
{
    private const string Victim = "victim", Flood = "flood";
    private const int VictimConnections = 4;

    // Until the disturbing process has started and its load has settled.
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(3);

    private readonly HttpClient _http = new();

    /// <summary>What is done now, for a line of progress.</summary>
    public string Progress { get; private set; } = "starting";

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

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
        var (began, bytes) = (shell.Time.GetTimestamp(), await OthersBytesAsync(server).ConfigureAwait(false));
        var result = await new LoadGenerator(load, server.Endpoint, requests, shell.Time).RunAsync(shell.Interrupted).ConfigureAwait(false);
        if (disturbing?.HasEnded == true)
            throw new CommandFailure($"The load that was to disturb ended by itself: {mode.Name}.");
        mode.OthersBytes += await OthersBytesAsync(server).ConfigureAwait(false) - bytes;
        mode.Elapsed += shell.Time.GetElapsedTime(began);
        mode.Latency.Add(result.Latency);
        mode.P99.Add(result.Latency.Percentile(99));
        mode.Failed += result.Errors + result.Throttled;
    }

    // From the server's own counters: records that were put to the other stream, and read from it.
    private async Task<long> OthersBytesAsync(ChildServer server)
    {
        var page = await _http.GetStringAsync(new Uri(server.Endpoint, "/_weir/metrics"), shell.Interrupted).ConfigureAwait(false);
        return (long)page.Split('\n').Where(IsOthers).Sum(line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));

        static bool IsOthers(string line) =>
            (line.StartsWith("weir_incoming_bytes_total{", StringComparison.Ordinal) || line.StartsWith("weir_get_records_bytes_total{", StringComparison.Ordinal))
            && line.Contains($"=\"{Flood}\"", StringComparison.Ordinal);
    }
}

/// <summary>What <c>weir bench fairness</c> measures.</summary>
/// <param name="Rate">Records per second of the victim.</param>
/// <param name="Shards">Shards of the other stream.</param>
/// <param name="Rounds">How often each surrounding is measured.</param>
/// <param name="Duration">How long, each time.</param>
/// <param name="Durability">Of the server.</param>
internal sealed record FairnessPlan(int Rate, int Shards, int Rounds, TimeSpan Duration, string Durability);
