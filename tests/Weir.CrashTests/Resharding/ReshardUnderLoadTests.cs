using System.Globalization;
using Weir.Conformance.Server;

namespace Weir.CrashTests.Resharding;

/// <remarks>
/// Goal: whatever is split, merged and scaled, and whenever the server dies, no acknowledged record is lost, read twice or read out of its key's
/// order, and every hash key has exactly one open shard. Method: on several streams at once, writers put numbered records, a consumer follows, and random reshards
/// are made while the server is killed again and again; then what the consumer saw, and what a second one sees from the beginning, is compared with
/// what was acknowledged. WEIR_RESHARD_SEED and WEIR_RESHARDS repeat or lengthen it.
/// </remarks>
public sealed class ReshardUnderLoadTests(ITestOutputHelper output)
{
    // A stream may be scaled ten times in a day: several streams have room for more.
    private const int Streams = 4;
    private const int WritersPerStream = 2;
    private const int Kills = 12;

    [Fact]
    public async Task Every_acknowledged_record_is_read_once_and_in_its_keys_order_through_reshards_and_kills()
    {
        var seed = Setting("WEIR_RESHARD_SEED", Environment.ProcessId);
        var reshards = Setting("WEIR_RESHARDS", 200);
        output.WriteLine($"WEIR_RESHARD_SEED={seed} WEIR_RESHARDS={reshards}");
        using var data = new TemporaryFolder();
        await using var servers = new ServerLineage(data.Path);
        await servers.StartAsync();
        using var api = new LineageApi(servers);
        var names = Enumerable.Range(0, Streams).Select(i => $"reshard-{i}").ToList();
        foreach (var name in names)
            await api.CallAsync("CreateStream", new { StreamName = name, ShardCount = 2 });

        using var written = new CancellationTokenSource();
        using var read = new CancellationTokenSource();
        var writers = names.SelectMany((name, i) => Enumerable.Range(0, WritersPerStream).Select(n => (Stream: name, Writer: new KeyedWriter(servers, name, (i * WritersPerStream) + n, seed)))).ToList();
        var passes = names.Select(name => (Stream: name, Pass: new ConsumerPass(servers, name))).ToList();
        var writing = writers.Select(entry => entry.Writer.RunAsync(written.Token)).ToList();
        var reading = passes.Select(entry => entry.Pass.RunAsync(read.Token)).ToList();
        var resharders = names.Select((name, i) => new Resharder(servers, name, HashCode.Combine(seed, i))).ToList();
        var resharding = Task.WhenAll(resharders.Select(resharder => resharder.RunAsync(reshards / Streams)));

        await KillAsync(servers, resharders, reshards, Task.WhenAny([resharding, .. writing, .. reading]), seed);
        await resharding;
        await written.CancelAsync();
        await Task.WhenAll(writing);
        await read.CancelAsync();
        await Task.WhenAll(reading);

        var second = names.Select(name => (Stream: name, Pass: new ConsumerPass(servers, name))).ToList();
        await Task.WhenAll(second.Select(entry => entry.Pass.RunAsync(read.Token)));
        foreach (var (stream, writer) in writers)
        {
            writer.Verify(passes.Single(entry => entry.Stream == stream).Pass.Seen, $"Seed {seed}, the consumer of {stream} that followed");
            writer.Verify(second.Single(entry => entry.Stream == stream).Pass.Seen, $"Seed {seed}, the consumer of {stream} from the beginning");
        }

        string Sum(string operation) => resharders.Sum(resharder => resharder.Accepted[operation]).ToString(CultureInfo.InvariantCulture);
        output.WriteLine(
            $"{Sum("SplitShard")} splits, {Sum("MergeShards")} merges, {Sum("UpdateShardCount")} scalings, {servers.Kills} kills, {writers.Sum(entry => entry.Writer.Count)} acknowledged records, each read once and in order by two passes.");
        Assert.Equal(Kills, servers.Kills);
    }

    // Each kill waits for its share of the reshards, so that they are spread over the whole run; the moment within is the scheduler's.
    private static async Task KillAsync(ServerLineage servers, List<Resharder> resharders, int reshards, Task ended, int seed)
    {
        var random = new Random(seed);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var due = (reshards * kill / (Kills + 1)) - random.Next(reshards / (Kills * 2));
            await Polling.UntilAsync<object>(
                $"{due} reshards were made", TimeSpan.FromMinutes(5), () => Task.FromResult<object?>(ended.IsCompleted || Made(resharders) >= due ? servers : null));
            if (ended.IsCompleted)
                return;
            await servers.KillAsync();
        }
    }

    private static int Made(List<Resharder> resharders) => resharders.Sum(resharder => resharder.Accepted.Values.Sum());

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
