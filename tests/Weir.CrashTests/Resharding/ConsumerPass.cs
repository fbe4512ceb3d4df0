using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Weir.CrashTests.Resharding;

/// <summary>
/// One pass of a consumer over a stream, as a KCL makes it: every shard from its beginning, children after their parents, and after the death of
/// a server on from the last number that was read.
/// </summary>
internal sealed class ConsumerPass(ServerLineage servers, string stream)
{
    // A child waits until every parent has been read to its end.
    private readonly Dictionary<string, HashSet<string>> _waitsFor = [];
    private readonly Dictionary<string, Position> _reading = [];
    private readonly HashSet<string> _finished = [];

    /// <summary>By key, the numbers in the order in which they were read.</summary>
    public Dictionary<string, List<int>> Seen { get; } = [];

    /// <summary>Follows the stream until told to stop, and then until nothing is left to read.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var api = new LineageApi(servers);
        await DiscoverAsync(api);
        while (true)
        {
            // Asked before the round: what is written until now is read in it or in the next.
            var last = stop.IsCancellationRequested;
            var progressed = false;
            foreach (var shard in _reading.Keys.ToList())
                progressed |= await ReadAsync(api, shard);
            if (last && !progressed)
                return;
            if (!progressed)
                await Task.Yield();
        }
    }

    private async Task DiscoverAsync(LineageApi api)
    {
        var page = await api.CallAsync("ListShards", new { StreamName = stream });
        var shards = page.GetProperty("Shards").EnumerateArray().ToList();
        var known = shards.Select(shard => shard.GetProperty("ShardId").GetString()!).ToHashSet();
        foreach (var shard in shards)
        {
            // A parent that has expired is no longer listed, and nobody waits for it.
            var parents = new[] { "ParentShardId", "AdjacentParentShardId" }
                .Select(name => shard.TryGetProperty(name, out var parent) ? parent.GetString()! : null)
                .OfType<string>().Where(known.Contains).ToHashSet();
            Expect(shard.GetProperty("ShardId").GetString()!, parents);
        }

        Begin();
    }

    private void Expect(string shard, HashSet<string> parents)
    {
        if (!_reading.ContainsKey(shard) && !_finished.Contains(shard))
            _waitsFor[shard] = parents;
    }

    private void Begin()
    {
        foreach (var (shard, parents) in _waitsFor.Where(entry => entry.Value.IsSubsetOf(_finished)).ToList())
        {
            _waitsFor.Remove(shard);
            _reading[shard] = new Position(Iterator: null, LastNumber: null);
        }
    }

    private async Task<bool> ReadAsync(LineageApi api, string shard)
    {
        var position = _reading[shard];
        var iterator = position.Iterator ?? await IteratorAsync(api, shard, position.LastNumber);
        var page = await api.CallAsync("GetRecords", new { ShardIterator = iterator });
        var records = page.GetProperty("Records").EnumerateArray().ToList();
        foreach (var record in records)
        {
            var text = Encoding.UTF8.GetString(record.GetProperty("Data").GetBytesFromBase64()).Split('/');
            Assert.Equal(record.GetProperty("PartitionKey").GetString(), text[0]);
            if (!Seen.TryGetValue(text[0], out var numbers))
                Seen[text[0]] = numbers = [];
            numbers.Add(int.Parse(text[1], CultureInfo.InvariantCulture));
        }

        if (page.TryGetProperty("NextShardIterator", out var next))
        {
            Assert.False(page.TryGetProperty("ChildShards", out _), "Children beside an iterator.");
            var last = records.Count > 0 ? records[^1].GetProperty("SequenceNumber").GetString() : position.LastNumber;
            _reading[shard] = new Position(next.GetString(), last);
            return records.Count > 0;
        }

        Finish(shard, page.GetProperty("ChildShards"));
        return true;
    }

    private void Finish(string shard, JsonElement children)
    {
        _reading.Remove(shard);
        _finished.Add(shard);
        foreach (var child in children.EnumerateArray())
            Expect(child.GetProperty("ShardId").GetString()!, [.. child.GetProperty("ParentShards").EnumerateArray().Select(parent => parent.GetString()!)]);
        Begin();
    }

    private async Task<string> IteratorAsync(LineageApi api, string shard, string? after) => (await api.CallAsync("GetShardIterator", new
    {
        StreamName = stream,
        ShardId = shard,
        ShardIteratorType = after is null ? "TRIM_HORIZON" : "AFTER_SEQUENCE_NUMBER",
        StartingSequenceNumber = after,
    })).GetProperty("ShardIterator").GetString()!;

    private readonly record struct Position(string? Iterator, string? LastNumber);
}
