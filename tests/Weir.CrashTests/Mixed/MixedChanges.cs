using System.Globalization;
using System.Text.Json;
using Weir.Model;

namespace Weir.CrashTests.Mixed;

/// <summary>
/// Changes to the streams, one after another while they are written to and read: splits, merges, deletions with creations anew, other
/// retentions, and hours that pass so that records and closed shards expire.
/// </summary>
internal sealed class MixedChanges(IReadOnlyList<StreamModel> streams, ModelClock clock)
{
    private const int MostOpenShards = 8;
    private const int MostChangesOfALife = 6;

    /// <summary>By kind, how many were acknowledged.</summary>
    public SortedDictionary<string, int> Accepted { get; } = new(StringComparer.Ordinal)
    {
        ["splits"] = 0, ["merges"] = 0, ["deletions"] = 0, ["retentions"] = 0, ["clock moves"] = 0,
    };

    /// <summary>Makes the changes of one life, or as many as come before its end.</summary>
    public async Task RunAsync(Uri endpoint, Random random)
    {
        using var api = new Api(endpoint);
        try
        {
            for (var left = random.Next(1, MostChangesOfALife + 1); left > 0; left--)
                await ChangeAsync(api, streams[random.Next(streams.Count)], random);
        }
        catch (Exception exception) when (MixedLoad.Died(exception))
        {
            // The server died over it. Whether it was done, the next one says.
            return;
        }
    }

    /// <summary>Creates a stream that does not exist.</summary>
    public static async Task CreateAsync(Api api, StreamModel stream, int shards)
    {
        stream.BeginChange();
        await api.CallAsync("CreateStream", new { StreamName = stream.Name, ShardCount = shards });
        stream.Created();
    }

    /// <summary>The open shards in order of their hash keys, which they cover exactly once.</summary>
    public static async Task<List<(string Id, HashKeyRange Range)>> OpenShardsAsync(Api api, string stream)
    {
        var open = (await api.ShardsAsync(stream)).Where(shard => !shard.GetProperty("SequenceNumberRange").TryGetProperty("EndingSequenceNumber", out _))
            .Select(shard => (Id: shard.GetProperty("ShardId").GetString()!, Range: RangeOf(shard))).OrderBy(shard => shard.Range.Start).ToList();
        Assert.Equal(HashKey.Min, open[0].Range.Start);
        Assert.Equal(HashKey.Max, open[^1].Range.End);
        for (var i = 0; i + 1 < open.Count; i++)
            Assert.True(open[i].Range.IsFollowedBy(open[i + 1].Range), $"The open shards of {stream} do not cover the hash keys exactly once.");
        return open;
    }

    private Task ChangeAsync(Api api, StreamModel stream, Random random) => random.Next(10) switch
    {
        < 5 => ReshardAsync(api, stream, random),
        5 => ReplaceAsync(api, stream, random),
        6 => RetainAsync(api, stream, random),
        _ => MoveClockAsync(api, random),
    };

    private async Task ReshardAsync(Api api, StreamModel stream, Random random)
    {
        var open = await OpenShardsAsync(api, stream.Name);
        if (open.Count > 1 && (open.Count >= MostOpenShards || random.Next(2) == 0))
        {
            var at = random.Next(open.Count - 1);
            await api.CallAsync("MergeShards", new { StreamName = stream.Name, ShardToMerge = open[at].Id, AdjacentShardToMerge = open[at + 1].Id });
            Accepted["merges"]++;
            return;
        }

        var (id, range) = open[random.Next(open.Count)];
        var middle = new HashKey(range.Start.Value + ((range.End.Value - range.Start.Value) / (UInt128)random.Next(2, 5)));
        await api.CallAsync("SplitShard", new { StreamName = stream.Name, ShardToSplit = id, NewStartingHashKey = middle.ToString() });
        Accepted["splits"]++;
    }

    private async Task ReplaceAsync(Api api, StreamModel stream, Random random)
    {
        stream.BeginChange();
        await api.CallAsync("DeleteStream", new { StreamName = stream.Name });
        stream.Deleted();
        Accepted["deletions"]++;
        await CreateAsync(api, stream, random.Next(1, 4));
    }

    private async Task RetainAsync(Api api, StreamModel stream, Random random)
    {
        var summary = (await api.CallAsync("DescribeStreamSummary", new { StreamName = stream.Name })).GetProperty("StreamDescriptionSummary");
        var present = summary.GetProperty("RetentionPeriodHours").GetInt32();
        var hours = present > 24 ? 24 : random.Next(25, 73);
        stream.BeginRetention(hours);
        await api.CallAsync(hours > present ? "IncreaseStreamRetentionPeriod" : "DecreaseStreamRetentionPeriod", new { StreamName = stream.Name, RetentionPeriodHours = hours });
        Accepted["retentions"]++;
    }

    private async Task MoveClockAsync(Api api, Random random)
    {
        var hours = random.Next(1, 6);
        clock.Ask(clock.Seen + TimeSpan.FromHours(hours));
        clock.See(await api.ClockAsync(new { advance = string.Create(CultureInfo.InvariantCulture, $"{hours}h") }));
        Accepted["clock moves"]++;
    }

    private static HashKeyRange RangeOf(JsonElement shard)
    {
        var range = shard.GetProperty("HashKeyRange");
        Assert.True(HashKey.TryParse(range.GetProperty("StartingHashKey").GetString(), out var start));
        Assert.True(HashKey.TryParse(range.GetProperty("EndingHashKey").GetString(), out var end));
        return new HashKeyRange(start, end);
    }
}
