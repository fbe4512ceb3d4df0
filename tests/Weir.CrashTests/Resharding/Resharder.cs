using System.Text.Json;
using Weir.Conformance.Server;
using Weir.Model;

namespace Weir.CrashTests.Resharding;

/// <summary>Makes random splits, merges and scalings of one stream, one after another, and looks after each that the open shards cover every hash key once.</summary>
internal sealed class Resharder(ServerLineage servers, string stream, int seed)
{
    private const int MostShards = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Also those whose answer died with its server: the quota may have counted them.
    private int _scalingsSent;

    /// <summary>By operation, how many were accepted.</summary>
    public Dictionary<string, int> Accepted { get; } = new() { ["SplitShard"] = 0, ["MergeShards"] = 0, ["UpdateShardCount"] = 0 };

    /// <summary>Reshards until so many operations were accepted.</summary>
    public async Task RunAsync(int operations)
    {
        using var api = new LineageApi(servers);
        var random = new Random(seed);
        while (Accepted.Values.Sum() < operations)
        {
            var open = await OpenAsync(api);
            var (operation, input) = Choose(random, open);
            try
            {
                await api.TryCallAsync(operation, input);
                Accepted[operation]++;
            }
            catch (Exception exception) when (LineageApi.Died(exception))
            {
                // Whether it was accepted is in the catalog: the next server has finished it, or knows nothing of it.
            }

            await Polling.UntilAsync<object>($"stream {stream} is ACTIVE", Patience, async () => await StatusAsync(api) == "ACTIVE" ? stream : null);
        }

        await OpenAsync(api);
    }

    private (string Operation, object Input) Choose(Random random, List<(string Id, HashKeyRange Range)> open)
    {
        // As many scalings as the quota of a day has room for, spread over the run.
        if (random.Next(5) == 0 && _scalingsSent < KinesisLimits.MaxScalingsPerPeriod)
        {
            var target = random.Next((open.Count + 1) / 2, Math.Min(open.Count * 2, MostShards) + 1);
            if (target != open.Count)
            {
                _scalingsSent++;
                return ("UpdateShardCount", new { StreamName = stream, TargetShardCount = target, ScalingType = "UNIFORM_SCALING" });
            }
        }

        if (open.Count > 1 && (open.Count >= MostShards || random.Next(2) == 0))
        {
            var at = random.Next(open.Count - 1);
            return ("MergeShards", new { StreamName = stream, ShardToMerge = open[at].Id, AdjacentShardToMerge = open[at + 1].Id });
        }

        var (id, range) = open[random.Next(open.Count)];
        var middle = new HashKey(range.Start.Value + ((range.End.Value - range.Start.Value) / (UInt128)random.Next(2, 5)));
        return ("SplitShard", new { StreamName = stream, ShardToSplit = id, NewStartingHashKey = middle.ToString() });
    }

    private async Task<List<(string Id, HashKeyRange Range)>> OpenAsync(LineageApi api)
    {
        var shards = (await api.CallAsync("ListShards", new { StreamName = stream, ShardFilter = new { Type = "AT_LATEST" } })).GetProperty("Shards");
        var open = shards.EnumerateArray().Select(shard => (Id: shard.GetProperty("ShardId").GetString()!, Range: RangeOf(shard))).OrderBy(shard => shard.Range.Start).ToList();
        Assert.Equal(HashKey.Min, open[0].Range.Start);
        Assert.Equal(HashKey.Max, open[^1].Range.End);
        for (var i = 0; i + 1 < open.Count; i++)
            Assert.True(open[i].Range.IsFollowedBy(open[i + 1].Range), $"The open shards of {stream} do not cover the hash keys exactly once.");
        return open;
    }

    private async Task<string> StatusAsync(LineageApi api) =>
        (await api.CallAsync("DescribeStreamSummary", new { StreamName = stream })).GetProperty("StreamDescriptionSummary").GetProperty("StreamStatus").GetString()!;

    private static HashKeyRange RangeOf(JsonElement shard)
    {
        var range = shard.GetProperty("HashKeyRange");
        Assert.True(HashKey.TryParse(range.GetProperty("StartingHashKey").GetString(), out var start));
        Assert.True(HashKey.TryParse(range.GetProperty("EndingHashKey").GetString(), out var end));
        return new HashKeyRange(start, end);
    }
}
