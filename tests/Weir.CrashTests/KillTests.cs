using System.Globalization;
using Weir.Conformance.Server;
using Weir.Model;

namespace Weir.CrashTests;

/// <remarks>
/// Goal: an acknowledged record survives kill -9, in order, once. Method: writers on several connections put through a real server
/// process while shards are split and merged and the encryption changes; the process is killed with SIGKILL after a random number of answers, started again on the same
/// directory, and everything that is stored is compared with everything that was ever acknowledged. A failure names its seed;
/// WEIR_CRASH_SEED and WEIR_CRASH_ROUNDS repeat or lengthen it.
/// </remarks>
public sealed class KillTests(ITestOutputHelper output)
{
    private const string Stream = "crash";
    private const int Writers = 6;

    [Fact]
    public async Task Acknowledged_records_survive_SIGKILL_at_random_moments()
    {
        var seed = Setting("WEIR_CRASH_SEED", Environment.ProcessId);
        var rounds = Setting("WEIR_CRASH_ROUNDS", 50);
        output.WriteLine($"WEIR_CRASH_SEED={seed} WEIR_CRASH_ROUNDS={rounds}");
        var random = new Random(seed);
        var acknowledgements = new Acknowledgements();
        using var data = new TemporaryFolder();
        for (var round = 0; round < rounds; round++)
        {
            await using var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off");
            using var api = new Api(server.Endpoint);
            if (round == 0)
                await api.CallAsync("CreateStream", new { StreamName = Stream, ShardCount = 4 });
            await VerifyAsync(api, acknowledgements, seed, round);

            var load = new Load(server.Endpoint, Stream, round, seed, acknowledgements);
            var underLoad = load.UnderLoad(random.Next(1, 250));
            var writers = Enumerable.Range(0, Writers).Select(load.WriteAsync).ToList();
            var change = random.Next(3) switch
            {
                0 => ReshardAsync(server.Endpoint, random.Next()),
                1 => EncryptAsync(server.Endpoint, random.Next(4)),
                _ => Task.CompletedTask,
            };
            // A writer ends only with the server: when all have ended early, the server died by itself.
            await Task.WhenAny(underLoad, Task.WhenAll(writers));
            Assert.False(server.HasExited, $"The server ended by itself (seed {seed}, round {round}).\n{server.ErrorText}");
            await server.KillAsync();
            await Task.WhenAll(writers);
            await change;
        }

        await using var last = await WeirServer.StartAsync("--data", data.Path, "--limits", "off");
        using var lastApi = new Api(last.Endpoint);
        await VerifyAsync(lastApi, acknowledgements, seed, rounds);
        output.WriteLine($"{rounds} kills, {acknowledgements.Count} acknowledged records, all there.");
        Assert.True(acknowledgements.Count > rounds, "The writers hardly wrote anything: the test has shown nothing.");
    }

    private static async Task VerifyAsync(Api api, Acknowledgements acknowledgements, int seed, int round)
    {
        try
        {
            // A reshard that the last kill interrupted was finished at the start: nobody waits for it here.
            var summary = (await api.CallAsync("DescribeStreamSummary", new { StreamName = Stream })).GetProperty("StreamDescriptionSummary");
            Assert.Equal("ACTIVE", summary.GetProperty("StreamStatus").GetString());
            AssertCover(await api.ShardsAsync(Stream));
            acknowledgements.Verify(await api.ReadAllAsync(Stream));
        }
        catch (Exception exception) when (exception is Xunit.Sdk.IAssertionException or RefusedException)
        {
            throw new Xunit.Sdk.XunitException($"Seed {seed}, after kill {round}: {exception.Message}", exception);
        }
    }

    private static void AssertCover(IEnumerable<System.Text.Json.JsonElement> shards)
    {
        var open = shards.Where(shard => !shard.GetProperty("SequenceNumberRange").TryGetProperty("EndingSequenceNumber", out _))
            .Select(shard => RangeOf(shard)).OrderBy(range => range.Start).ToList();
        Assert.Equal(HashKey.Min, open[0].Start);
        Assert.Equal(HashKey.Max, open[^1].End);
        for (var i = 0; i + 1 < open.Count; i++)
            Assert.True(open[i].IsFollowedBy(open[i + 1]), "The open shards do not cover the hash keys exactly once.");
    }

    private static HashKeyRange RangeOf(System.Text.Json.JsonElement shard)
    {
        var range = shard.GetProperty("HashKeyRange");
        Assert.True(HashKey.TryParse(range.GetProperty("StartingHashKey").GetString(), out var start));
        Assert.True(HashKey.TryParse(range.GetProperty("EndingHashKey").GetString(), out var end));
        return new HashKeyRange(start, end);
    }

    /// <summary>Splits the widest shard, or merges the two lowest when there are many: while the writers write, and maybe while the server dies.</summary>
    private static async Task ReshardAsync(Uri endpoint, int choice)
    {
        using var api = new Api(endpoint);
        try
        {
            var open = (await api.ShardsAsync(Stream)).Where(shard => !shard.GetProperty("SequenceNumberRange").TryGetProperty("EndingSequenceNumber", out _))
                .OrderBy(shard => RangeOf(shard).Start).ToList();
            if (open.Count > 5)
            {
                await api.CallAsync("MergeShards", new
                {
                    StreamName = Stream, ShardToMerge = open[0].GetProperty("ShardId").GetString(), AdjacentShardToMerge = open[1].GetProperty("ShardId").GetString(),
                });
                return;
            }

            var shard = open[choice % open.Count];
            var range = RangeOf(shard);
            var middle = new HashKey(range.Start.Value + ((range.End.Value - range.Start.Value) / 2));
            await api.CallAsync("SplitShard", new { StreamName = Stream, ShardToSplit = shard.GetProperty("ShardId").GetString(), NewStartingHashKey = middle.ToString() });
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // Killed in the middle of it: whether it happened is for the next start to settle.
        }
    }

    /// <summary>Encrypts the stream with one of a few keys, or not any more: while the writers write, and maybe while the server dies.</summary>
    private static async Task EncryptAsync(Uri endpoint, int key)
    {
        using var api = new Api(endpoint);
        try
        {
            var summary = (await api.CallAsync("DescribeStreamSummary", new { StreamName = Stream })).GetProperty("StreamDescriptionSummary");
            if (key > 0)
                await api.CallAsync("StartStreamEncryption", new { StreamName = Stream, EncryptionType = "KMS", KeyId = $"alias/{key}" });
            else if (summary.TryGetProperty("KeyId", out var present))
                await api.CallAsync("StopStreamEncryption", new { StreamName = Stream, EncryptionType = "KMS", KeyId = present.GetString() });
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is RefusedException && exception.Message.Contains("LimitExceeded", StringComparison.Ordinal)))
        {
            // Killed in the middle of it, or a long run has used up what a day allows.
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
