using System.Globalization;
using System.Net.Http.Json;
using Weir.Cli.Commands.Streams;
using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Bench;

/// <summary>What <c>weir bench steady</c> found.</summary>
/// <param name="Maximum">The closed loop before it.</param>
/// <param name="RecordsPerSecond">What was due.</param>
/// <param name="Seconds">Second by second.</param>
/// <param name="SegmentsTrimmed">Segments that retention deleted, as the server counted them.</param>
internal sealed record SteadyFigures(LoadResult Maximum, int RecordsPerSecond, IReadOnlyList<SteadySecond> Seconds, long SegmentsTrimmed);

/// <summary>
/// A steady load, while segments roll, retention deletes them and streams come and go. Retention is a day at least, so the server's own
/// clock jumps by more than that every few seconds, by the test controls: everything that is sealed then goes.
/// </summary>
internal sealed class SteadyBench(Shell shell, LoadPlan plan, double share, TimeSpan retentionEvery, string durability, int shards)
{
    private const string DoomedStream = "doomed";
    private const int MaximumConnections = 8;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaximumDuration = TimeSpan.FromSeconds(8);

    /// <summary>What is done now, for a line of progress.</summary>
    public string Progress { get; private set; } = "starting";

    /// <summary>Runs it all.</summary>
    public async Task<SteadyFigures> RunAsync()
    {
        using var server = await ChildServer.StartWeirAsync(durability, shell, null, "--test-controls").ConfigureAwait(false);
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = server.Endpoint, TimeProvider = shell.Time });
        using var http = new HttpClient { BaseAddress = server.Endpoint };
        await CreateAsync(client, plan.Stream, shards).ConfigureAwait(false);
        var requests = new RequestPool(plan, server.Endpoint, shell.Seed);
        Progress = "measuring the maximum ...";
        var closed = plan with { RecordsPerSecond = 0, Connections = MaximumConnections, Duration = MaximumDuration };
        var maximum = await new LoadGenerator(closed, server.Endpoint, requests, shell.Time).RunAsync(shell.Interrupted).ConfigureAwait(false);
        var steady = plan with { RecordsPerSecond = Math.Max(1, (int)(maximum.RecordRate * share)) };
        var load = new SteadyLoad(steady, server.Endpoint, requests, shell.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(shell.Interrupted);
        var around = Task.WhenAll(WatchAsync(server, load, stop.Token), ExpireAsync(http, client, load, stop.Token));
        try
        {
            await load.RunAsync(shell.Interrupted).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await around.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // What went wrong around the load makes its figures worthless.
        await around.ConfigureAwait(false);
        return new SteadyFigures(maximum, steady.RecordsPerSecond, load.Seconds, await TrimmedAsync(http).ConfigureAwait(false));
    }

    private async Task CreateAsync(KinesisClient client, string stream, int count)
    {
        await client.CreateStreamAsync(new CreateStreamRequest { StreamName = stream, ShardCount = count }, shell.Interrupted).ConfigureAwait(false);
        await StreamState.ActiveAsync(client, stream, shell, shell.Interrupted).ConfigureAwait(false);
    }

    // Looks once a second at the process and at the files, which say more than any metric: what is there and what is gone.
    private async Task WatchAsync(ChildServer server, SteadyLoad load, CancellationToken stop)
    {
        var known = Segments(server);
        using var timer = new PeriodicTimer(Second, shell.Time);
        try
        {
            for (var number = 0; number < load.Seconds.Count && await timer.WaitForNextTickAsync(stop).ConfigureAwait(false); number++)
            {
                var found = Segments(server);
                var second = load.Seconds[number];
                second.ResidentBytes = server.ResidentBytes;
                second.SegmentsBegun = found.Count(path => !known.Contains(path));
                second.SegmentsDeleted = known.Count(path => !found.Contains(path));
                known = found;
                Progress = string.Create(CultureInfo.InvariantCulture, $"steady: {number + 1} of {load.Seconds.Count} s, {found.Count} segments ...");
            }
        }
        catch (OperationCanceledException)
        {
            // The load has ended.
        }
    }

    private static HashSet<string> Segments(ChildServer server)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            // In the directories of logs. What is given up goes elsewhere first.
            foreach (var log in Directory.EnumerateDirectories(Path.Combine(server.DataDirectory!, "logs"), "0*"))
                found.UnionWith(Directory.EnumerateFiles(log, "*.segment"));
        }
        catch (DirectoryNotFoundException)
        {
            // A stream was deleted under the look: the next one, in a second, sees the rest.
            return found;
        }

        return found;
    }

    // Time jumps, and between two jumps a stream comes, takes some records, and goes with them.
    private async Task ExpireAsync(HttpClient http, KinesisClient client, SteadyLoad load, CancellationToken stop)
    {
        var began = shell.Time.GetTimestamp();
        using var timer = new PeriodicTimer(retentionEvery / 2, shell.Time);
        try
        {
            for (var turn = 0; await timer.WaitForNextTickAsync(stop).ConfigureAwait(false); turn++)
            {
                if (turn % 2 == 1)
                {
                    using var answer = await http.PostAsJsonAsync("/_weir/clock", new Dictionary<string, string> { ["advance"] = "25h" }, stop).ConfigureAwait(false);
                    answer.EnsureSuccessStatusCode();
                    continue;
                }

                await CreateAsync(client, DoomedStream, shards).ConfigureAwait(false);
                await client.PutRecordAsync(new PutRecordRequest { StreamName = DoomedStream, PartitionKey = "k", Data = new byte[512 * 1024] }, stop).ConfigureAwait(false);
                await client.DeleteStreamAsync(new DeleteStreamRequest { StreamName = DoomedStream }, stop).ConfigureAwait(false);
                var second = (int)shell.Time.GetElapsedTime(began).TotalSeconds;
                if (second < load.Seconds.Count)
                    load.Seconds[second].StreamDeleted = true;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The load has ended.
            return;
        }
    }

    private async Task<long> TrimmedAsync(HttpClient http)
    {
        const string Metric = "weir_log_segments_trimmed_total ";
        var text = await http.GetStringAsync(new Uri("/_weir/metrics", UriKind.Relative), shell.Interrupted).ConfigureAwait(false);
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith(Metric, StringComparison.Ordinal));
        return line is null ? 0 : (long)double.Parse(line[Metric.Length..].Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
