using System.Text.Json;
using Weir.Conformance.Server;
using Weir.Model;

namespace Weir.CrashTests;

/// <remarks>
/// Goal: `weir data backup` beside a server that is written to gives a directory that a server opens as after a crash, with every record that was acknowledged before the
/// backup began, once and in order. Method: writers on several connections, splits and merges, streams that come and go, and a clock that is moved by a day so that
/// retention trims another stream; meanwhile backups in a row by a process of their own. Each is opened by a server and compared with the acknowledgements.
/// </remarks>
public sealed class BackupTests(ITestOutputHelper output)
{
    private const string Stream = "kept";
    private const string Brief = "brief";
    private const int Backups = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Backups_beside_a_server_under_load_hold_what_was_acknowledged_before_they_began()
    {
        var seed = Environment.ProcessId;
        output.WriteLine($"seed {seed}");
        using var folder = new TemporaryFolder();
        var data = Path.Combine(folder.Path, "data");
        var (kept, brief) = (new Acknowledgements(), new Acknowledgements());
        var before = new List<HashSet<string>>();
        await using (var server = await WeirServer.StartAsync("--data", data, "--limits", "off", "--test-controls"))
        {
            using var api = new Api(server.Endpoint);
            await api.CallAsync("CreateStream", new { StreamName = Stream, ShardCount = 3 });
            await api.CallAsync("IncreaseStreamRetentionPeriod", new { StreamName = Stream, RetentionPeriodHours = KinesisLimits.MaxRetentionHours });
            await api.CallAsync("CreateStream", new { StreamName = Brief, ShardCount = 2 });
            using var stop = new CancellationTokenSource();
            var load = new Load(server.Endpoint, Stream, round: 0, seed, kept);
            var briefLoad = new Load(server.Endpoint, Brief, round: 1, seed, brief);
            var writers = Enumerable.Range(0, 4).Select(load.WriteAsync).Append(briefLoad.WriteAsync(0)).ToList();
            var changes = Task.WhenAll(ChangeAsync(server.Endpoint, stop.Token), ComeAndGoAsync(server.Endpoint, stop.Token), ExpireAsync(server.Endpoint, stop.Token));
            for (var i = 0; i < Backups; i++)
            {
                await load.UnderLoad(20 * (i + 1)).WaitAsync(Patience, TestContext.Current.CancellationToken);
                before.Add(kept.Ids());
                var outcome = await ChildProcess.RunAsync(Repository.WeirProgram, ["data", "backup", Path.Combine(folder.Path, $"copy-{i}"), "--data", data], Patience);
                Assert.True(outcome.ExitCode == 0, outcome.ToString());
            }

            await stop.CancelAsync();
            await changes;
            await server.KillAsync();
            await Task.WhenAll(writers);
        }

        for (var i = 0; i < Backups; i++)
        {
            // Without test controls the machine's time counts: it lies before that of the records, so that none of them has expired.
            await using var restored = await WeirServer.StartAsync("--data", Path.Combine(folder.Path, $"copy-{i}"), "--limits", "off");
            using var api = new Api(restored.Endpoint);
            kept.VerifyCopy(await api.ReadAllAsync(Stream), before[i]);
            brief.VerifyCopy(await api.ReadAllAsync(Brief), []);
            var shard = (await api.ShardsAsync(Stream))[^1].GetProperty("HashKeyRange").GetProperty("StartingHashKey").GetString();
            await api.CallAsync("PutRecord", new { StreamName = Stream, PartitionKey = "k", ExplicitHashKey = shard, Data = "YWZ0ZXJ8" });
            output.WriteLine($"copy {i}: {before[i].Count} acknowledged before it began, all there");
        }

        Assert.True(before[^1].Count > before[0].Count && before[0].Count > 0, "The writers hardly wrote anything: the test has shown nothing.");
    }

    private static async Task ChangeAsync(Uri endpoint, CancellationToken stop)
    {
        using var api = new Api(endpoint);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var open = (await api.ShardsAsync(Stream)).Where(shard => !shard.GetProperty("SequenceNumberRange").TryGetProperty("EndingSequenceNumber", out _))
                .OrderBy(shard => Start(shard)).ToList();
            if (open.Count > 4)
            {
                await api.CallAsync("MergeShards", new { StreamName = Stream, ShardToMerge = Id(open[0]), AdjacentShardToMerge = Id(open[1]) });
                continue;
            }

            var shard = open[i % open.Count];
            Assert.True(HashKey.TryParse(shard.GetProperty("HashKeyRange").GetProperty("EndingHashKey").GetString(), out var end));
            var middle = new HashKey(Start(shard).Value + ((end.Value - Start(shard).Value) / 2));
            await api.CallAsync("SplitShard", new { StreamName = Stream, ShardToSplit = Id(shard), NewStartingHashKey = middle.ToString() });
        }
    }

    private static async Task ComeAndGoAsync(Uri endpoint, CancellationToken stop)
    {
        using var api = new Api(endpoint);
        while (!stop.IsCancellationRequested)
        {
            await api.CallAsync("CreateStream", new { StreamName = "gone", ShardCount = 1 });
            await api.CallAsync("PutRecord", new { StreamName = "gone", PartitionKey = "k", Data = "YQ==" });
            await api.CallAsync("DeleteStream", new { StreamName = "gone" });
        }
    }

    // A day at a time, as often as there is something new: all segments of the brief stream expire, and the sweep takes them.
    private static async Task ExpireAsync(Uri endpoint, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = endpoint };
        using var api = new Api(endpoint);
        for (var day = 0; day < 100 && !stop.IsCancellationRequested; day++)
        {
            // As many calls as let a few puts come between two days.
            for (var i = 0; i < 20; i++)
                await api.ShardsAsync(Brief);
            using var content = new StringContent("""{"advance":"25h"}""");
            using var response = await http.PostAsync(new Uri("/_weir/clock", UriKind.Relative), content, CancellationToken.None);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(CancellationToken.None));
        }
    }

    private static HashKey Start(JsonElement shard)
    {
        Assert.True(HashKey.TryParse(shard.GetProperty("HashKeyRange").GetProperty("StartingHashKey").GetString(), out var start));
        return start;
    }

    private static string Id(JsonElement shard) => shard.GetProperty("ShardId").GetString()!;
}
