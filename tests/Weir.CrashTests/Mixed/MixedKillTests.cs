using System.Diagnostics;
using System.Globalization;
using Weir.Conformance.Server;

namespace Weir.CrashTests.Mixed;

/// <remarks>
/// Goal: whatever a server is doing when it is killed (puts one by one and in batches, reads, splits, merges, deletions and creations of streams, retention
/// at work), the next one has every acknowledged record that is not expired and whose stream lives, once and in order; deleted streams
/// are gone with their bytes; interrupted reshards are finished. Method: cycles of start, comparison with a model, load, SIGKILL after a
/// random number of answers, all on one data directory. The clock is the test's (docs/test-controls.md): it is moved on by hours within a life, and starts a
/// life sometimes where the last one left it and sometimes days before. WEIR_KILL_CYCLES=1000 makes the long run; WEIR_SEED repeats one.
/// </remarks>
public sealed class MixedKillTests(ITestOutputHelper output)
{
    private const int Writers = 4;
    private const int Streams = 3;
    private const int MostAnswers = 120;

    // About a minute on two cores.
    private const int DefaultCycles = 40;
    private const int ReportEvery = 25;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_reordered_by_SIGKILL_under_mixed_load()
    {
        var seed = Setting("WEIR_SEED", Environment.ProcessId);
        var cycles = Setting("WEIR_KILL_CYCLES", DefaultCycles);
        output.WriteLine($"WEIR_SEED={seed} WEIR_KILL_CYCLES={cycles}");
        var random = new Random(seed);
        var clock = new ModelClock();
        var streams = Enumerable.Range(0, Streams).Select(i => new StreamModel($"mixed-{i}", clock)).ToList();
        var changes = new MixedChanges(streams, clock);
        using var data = new TemporaryFolder();
        var started = Stopwatch.GetTimestamp();
        var acknowledged = 0L;
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            try
            {
                acknowledged += await LiveAsync(data.Path, streams, changes, clock, seed, cycle, random);
            }
            catch (Exception exception) when (exception is Xunit.Sdk.IAssertionException or RefusedException)
            {
                throw new Xunit.Sdk.XunitException($"WEIR_SEED={seed}, after kill {cycle}: {exception.Message}", exception);
            }

            if ((cycle + 1) % ReportEvery == 0)
                Report(cycle + 1);
        }

        await using (var last = await StartAsync(data.Path))
        {
            using var api = new Api(last.Endpoint);
            await VerifyAsync(api, data.Path, streams, clock);
            Assert.Equal(0, await last.TerminateAsync());
        }

        Report(cycles);
        Assert.True(acknowledged > cycles * 10L, "The writers hardly wrote anything: the test has shown nothing.");
        if (cycles >= DefaultCycles)
            Assert.All(changes.Accepted, kind => Assert.True(kind.Value > 0, $"There were no {kind.Key}."));

        void Report(int kills)
        {
            var counts = string.Join(", ", changes.Accepted.Select(kind => $"{kind.Value} {kind.Key}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"seed {seed}: {kills} kills in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s, {acknowledged} records acknowledged, {streams.Sum(stream => stream.Totals.Expired)} expired, found again {streams.Sum(stream => stream.Totals.Found)} times, {counts}."));
        }
    }

    /// <summary>One life of a server, from its start to its death.</summary>
    /// <returns>How many records it acknowledged.</returns>
    private static async Task<long> LiveAsync(
        string data, List<StreamModel> streams, MixedChanges changes, ModelClock clock, int seed, int cycle, Random random)
    {
        await using var server = await StartAsync(data);
        using var api = new Api(server.Endpoint);
        // A machine's clock goes back as well: every fourth life begins before the end of the one before it.
        clock.See(await api.ClockAsync());
        if (clock.Furthest > clock.Seen && random.Next(4) != 0)
            clock.See(await api.ClockAsync(new { set = clock.Furthest.UtcDateTime }));
        await VerifyAsync(api, data, streams, clock);
        foreach (var stream in streams.Where(stream => !stream.Exists))
            await MixedChanges.CreateAsync(api, stream, random.Next(1, 4));

        var load = new MixedLoad(server.Endpoint, streams, seed, cycle);
        var underLoad = load.UnderLoad(random.Next(1, MostAnswers));
        var work = Enumerable.Range(0, Writers).Select(load.WriteAsync).Append(load.ReadAsync()).ToList();
        var changing = changes.RunAsync(server.Endpoint, new Random(random.Next()));
        // Writers and reader end only with the server, or with a finding.
        await Task.WhenAny([underLoad, .. work, Failure(changing)]);
        Assert.False(server.HasExited, $"The server ended by itself.\n{server.ErrorText}");
        await server.KillAsync();
        await Task.WhenAll([.. work, changing]);
        return load.Acknowledged;
    }

    private static async Task VerifyAsync(Api api, string data, List<StreamModel> streams, ModelClock clock)
    {
        var now = await api.ClockAsync();
        var present = (await api.CallAsync("ListStreams", new { })).GetProperty("StreamNames").EnumerateArray().Select(name => name.GetString()!).ToHashSet();
        foreach (var stream in streams)
            stream.Restarted(present.Contains(stream.Name));
        Assert.Equal(streams.Count(stream => stream.Exists), present.Count);
        // What was deleted is gone, whenever the kill came, and its bytes with it after a while.
        var logs = Path.Combine(data, "logs");
        Assert.Equal(present.Count, Directory.Exists(logs) ? Directory.GetDirectories(logs, "0*").Length : 0);
        var discarded = Path.Combine(logs, "discarded");
        await Polling.UntilAsync<object>(
            "what was deleted gives its room back", TimeSpan.FromSeconds(30),
            () => Task.FromResult<object?>(!Directory.Exists(discarded) || !Directory.EnumerateFileSystemEntries(discarded).Any() ? discarded : null));
        foreach (var stream in streams.Where(stream => stream.Exists))
        {
            var summary = (await api.CallAsync("DescribeStreamSummary", new { StreamName = stream.Name })).GetProperty("StreamDescriptionSummary");
            Assert.Equal("ACTIVE", summary.GetProperty("StreamStatus").GetString());
            await MixedChanges.OpenShardsAsync(api, stream.Name);
            stream.Verify(await api.ReadAllAsync(stream.Name), now);
        }

        clock.See(await api.ClockAsync());
    }

    // Completes when the changes end with a finding: that they come to their end says nothing.
    private static Task Failure(Task changing)
    {
        var failed = new TaskCompletionSource();
        changing.ContinueWith(task => failed.SetException(task.Exception!.InnerExceptions), TestContext.Current.CancellationToken, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return failed.Task;
    }

    private static Task<WeirServer> StartAsync(string data) => WeirServer.StartAsync("--data", data, "--limits", "off", "--test-controls");

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
