using Weir.Model;
using Weir.Streams;

namespace Weir.Simulation.Streams;

/// <summary>A record as it is read back.</summary>
internal sealed record ReadBack(ShardId Shard, SequenceNumber Number, DateTimeOffset Time, string Key, string Data);

/// <summary>What the engine promised, and the check that what it shows keeps to it.</summary>
internal sealed class EngineModel
{
    private readonly Dictionary<string, (ShardId Shard, SequenceNumber Number)> _acknowledged = [];
    private readonly HashSet<string> _uncertain = [];

    // Of each key the records in the order in which their puts were answered.
    private readonly Dictionary<string, List<string>> _byKey = [];

    public int Acknowledged => _acknowledged.Count;

    public void Note(string key, string data, PutOutcome outcome)
    {
        if (outcome.Status != PutStatus.Accepted)
        {
            // Refused, or lost on the way: it may be there, once.
            _uncertain.Add(data);
            return;
        }

        _acknowledged.Add(data, (outcome.Shard!.Id, outcome.SequenceNumber));
        if (!_byKey.TryGetValue(key, out var records))
            _byKey.Add(key, records = []);
        records.Add(data);
    }

    /// <summary>Compares everything that the stream shows with everything that was promised.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="records">Of all its shards, in the order in which each shard gives them.</param>
    /// <param name="horizon">Records from before must not be read.</param>
    /// <param name="surelyKept">Records from before may be gone.</param>
    public void Check(DataStream stream, IReadOnlyList<ReadBack> records, DateTimeOffset horizon, DateTimeOffset surelyKept)
    {
        CheckFamilies(stream.Current.Shards);
        var seen = new Dictionary<string, ReadBack>();
        ReadBack? previous = null;
        foreach (var record in records)
        {
            Require(previous is null || previous.Shard != record.Shard || record.Number.CompareTo(previous.Number) > 0, $"{record.Shard} is out of order at {record.Data}");
            Require(previous is null || previous.Shard != record.Shard || record.Time >= previous.Time, $"time goes back in {record.Shard}");
            Require(record.Time >= horizon, $"{record.Data} is beyond its retention and was read");
            Require(seen.TryAdd(record.Data, record), $"{record.Data} is there twice");
            Require(_acknowledged.ContainsKey(record.Data) || _uncertain.Contains(record.Data), $"{record.Data} was never put");
            Require(stream.Current.Shards.Find(record.Shard)!.HashKeys.Contains(HashKey.Of(record.Key)), $"{record.Data} is in a shard that does not own its key");
            previous = record;
        }

        foreach (var (data, (shard, number)) in _acknowledged)
        {
            if (seen.TryGetValue(data, out var record))
                Require(record.Shard == shard && record.Number == number, $"{data} was acknowledged as {shard} {number} and is {record.Shard} {record.Number}");
            else
                Require(number.RecordSeconds <= surelyKept.ToUnixTimeSeconds(), $"{data} was acknowledged and is gone");
        }

        foreach (var key in _byKey.Values)
        {
            for (var i = 0; i + 1 < key.Count; i++)
                Require(_acknowledged[key[i]].Number.CompareTo(_acknowledged[key[i + 1]].Number) < 0, $"{key[i + 1]} was put after {key[i]} and is before it");
        }
    }

    private static void CheckFamilies(ShardMap shards)
    {
        foreach (var child in shards.All)
        {
            foreach (var id in new[] { child.Parent, child.AdjacentParent })
            {
                // A parent may have expired; while it is there, it has ended below its child.
                if (id is not { } parentId || shards.Find(parentId) is not { } parent)
                    continue;
                Require(parent.EndingSequenceNumber is { } end && end.CompareTo(child.StartingSequenceNumber) < 0, $"{child.Id} does not begin after {parent.Id} ended");
                Require(parent.ClosedAt == child.OpenedAt, $"{child.Id} does not open when {parent.Id} closes");
            }
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new Log.SimulationException(otherwise);
    }
}
