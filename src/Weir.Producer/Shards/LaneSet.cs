using Weir.Model;
using Weir.Producer.Pacing;
using Weir.Producer.Records;

namespace Weir.Producer.Shards;

/// <summary>
/// The lanes, by the newest shard map. Who puts finds the lane of its record here; the send loop, and nobody else, changes the map, so that
/// no record is lost and none overtakes another one of its key.
/// </summary>
internal sealed class LaneSet
{
    // Shards besides the open ones whose ranges are kept; they are closed by now, but answers
    // to what was sent before may still name them.
    private const int MaxRemembered = 10_000;

    private readonly ProducerOptions _options;
    private readonly ProducerClock _clock;
    private readonly ByteCredit _credit;
    private readonly OutgoingRecordPool _pool;
    private readonly Action<ShardLane> _listed;
    private readonly Action _filled;

    // The send loop's.
    private readonly Dictionary<string, HashKeyRange> _ranges = new(StringComparer.Ordinal);
    private readonly Queue<string> _rangeOrder = new();

    private volatile ShardMap _map;

    public LaneSet(ProducerOptions options, ProducerClock clock, ByteCredit credit, Action<ShardLane> listed, Action filled)
    {
        _options = options;
        _clock = clock;
        _credit = credit;
        _pool = new OutgoingRecordPool(options.MaxAggregateBytes);
        _listed = listed;
        _filled = filled;
        // Until the shards are known, records gather by themselves.
        _map = new ShardMap([NewLane(shard: null, percent: 0)], TimeSpan.MinValue);
    }

    /// <summary>The newest map.</summary>
    public ShardMap Map => _map;

    /// <summary>Whether shards are known.</summary>
    public bool HasShards => _map.Lanes[0].Shard is not null;

    /// <summary>Puts a record into its lane; its data is copied.</summary>
    /// <returns>False when the lanes have ended: the producer is closed.</returns>
    public bool TryAdd(PendingRecord record, ReadOnlySpan<byte> data)
    {
        while (true)
        {
            var map = _map;
            if (map.LaneOf(record.HashKey).TryAdd(record, data, record.AcceptedAt))
                return true;
            // The map has changed in between, or there will be no other.
            if (_map == map)
                return false;
        }
    }

    /// <summary>The range of a shard that is or was open, if it was ever named.</summary>
    public bool TryGetRange(string shardId, out HashKeyRange range) => _ranges.TryGetValue(shardId, out range);

    /// <summary>Takes over a new list of shards: lanes of shards that stay stay, and what was in the others goes over, in order.</summary>
    public void Replace(ShardListing listing)
    {
        var old = _map.Lanes;
        var kept = old.Where(lane => lane.Shard is not null).ToDictionary(lane => lane.Shard!);
        var lanes = listing.Shards.Select(shard => kept.GetValueOrDefault(shard) ?? NewLane(shard, _options.RateLimitPercent)).ToList();
        foreach (var shard in listing.Closed.Concat(listing.Shards))
            Remember(shard);
        var retired = old.Except(lanes).ToList();
        var map = new ShardMap(lanes, listing.AskedAt);
        _credit.Change(() => Move(retired, map), retired.Select(lane => lane.Credit).OfType<ShardCredit>());
        Follow(retired, lanes.Except(old).ToList());
        foreach (var lane in lanes)
        {
            if (lane.Ready.Count > 0 && lane.TryList())
                _listed(lane);
        }
    }

    /// <summary>Ends all lanes.</summary>
    /// <returns>What was in them.</returns>
    public List<OutgoingRecord> Close()
    {
        var rest = new List<OutgoingRecord>();
        foreach (var lane in _map.Lanes)
        {
            lane.Hold();
            try
            {
                rest.AddRange(lane.Retire_NeedsLock());
            }
            finally
            {
                lane.Release();
            }
        }

        return rest;
    }

    /// <summary>Puts what has to go again before everything else in its lane, or in the lanes that have taken its place.</summary>
    public void AddFirst(OutgoingRecord record)
    {
        var parts = Reroute(record, _map);
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            parts[i].Lane.Ready.AddFirst(parts[i]);
            if (parts[i].Lane.TryList())
                _listed(parts[i].Lane);
        }
    }

    /// <summary>Makes new outgoing records of some of a record's user records; its memory is returned.</summary>
    /// <param name="record">The record.</param>
    /// <param name="without">Which of its user records have their outcomes, by their index; null means none.</param>
    /// <param name="laneOf">Where each one goes.</param>
    public List<OutgoingRecord> Rebuild(OutgoingRecord record, bool[]? without, Func<PendingRecord, ShardLane> laneOf)
    {
        var built = new List<OutgoingRecord>();
        var open = new Dictionary<ShardLane, OutgoingRecord>();
        for (var i = 0; i < record.Count; i++)
        {
            if (without is not null && without[i])
                continue;
            var userRecord = record[i];
            var lane = laneOf(userRecord);
            var data = record.DataOf(i).Span;
            if (open.TryGetValue(lane, out var current) && current.TryAdd(userRecord, data))
                continue;
            current = New(lane, userRecord, data);
            current.RetryAt = record.RetryAt;
            current.IdleSince = record.IdleSince;
            current.Sent = record.Sent;
            built.Add(current);
            if (current.Takes)
                open[lane] = current;
        }

        record.Release();
        return built;
    }

    // Nobody else sees the new lanes yet, and the old ones are held: what comes now comes behind what was there.
    private void Move(List<ShardLane> retired, ShardMap map)
    {
        foreach (var lane in retired)
            lane.Hold();
        try
        {
            foreach (var record in retired.SelectMany(lane => lane.Retire_NeedsLock()).ToList())
            {
                foreach (var part in Reroute(record, map))
                    AddLast(part);
            }

            _map = map;
        }
        finally
        {
            foreach (var lane in retired)
                lane.Release();
        }
    }

    private List<OutgoingRecord> Reroute(OutgoingRecord record, ShardMap map)
    {
        var lane = map.LaneOf(record[0].HashKey);
        for (var i = 1; i < record.Count; i++)
        {
            if (map.LaneOf(record[i].HashKey) != lane)
                return Rebuild(record, without: null, userRecord => map.LaneOf(userRecord.HashKey));
        }

        record.Lane = lane;
        return [record];
    }

    private OutgoingRecord New(ShardLane lane, PendingRecord record, ReadOnlySpan<byte> data)
    {
        if (_options.Aggregate && lane.Shard is not null)
        {
            var aggregate = OutgoingRecord.Aggregate(_pool, lane, record.AcceptedAt);
            if (aggregate.TryAdd(record, data))
                return aggregate;
            aggregate.Release();
        }

        return OutgoingRecord.Single(_pool, lane, record.AcceptedAt, record, data);
    }

    // What gathered by itself while no shard was known shares records now.
    private void AddLast(OutgoingRecord record)
    {
        var ready = record.Lane.Ready;
        if (record.Sent == 0 && record.Count == 1 && _options.Aggregate && record.Lane.Shard is not null)
        {
            if (ready.TryJoinLast(record))
            {
                record.Release();
                return;
            }

            var lane = record.Lane;
            record = Rebuild(record, without: null, _ => lane)[0];
        }

        ready.AddLast(record);
    }

    // Records of a key that are still on their way by an old lane come before those of the new one.
    private static void Follow(List<ShardLane> retired, List<ShardLane> added)
    {
        foreach (var lane in added)
        {
            foreach (var before in retired)
            {
                if ((before.InFlight > 0 || before.WaitsForPredecessors())
                    && (before.Shard is null || (before.Shard.Range.Start <= lane.Shard!.Range.End && lane.Shard.Range.Start <= before.Shard.Range.End)))
                    lane.Predecessors.Add(before);
            }
        }
    }

    private void Remember(KnownShard shard)
    {
        if (_ranges.TryAdd(shard.Id, shard.Range))
            _rangeOrder.Enqueue(shard.Id);
        else
            _ranges[shard.Id] = shard.Range;
        if (_rangeOrder.Count > MaxRemembered + _map.Lanes.Count)
            _ranges.Remove(_rangeOrder.Dequeue());
    }

    private ShardLane NewLane(KnownShard? shard, int percent)
    {
        var pace = new ShardPace(percent, _clock.Now);
        var credit = percent == 0 ? null : new ShardCredit(pace, _options.EffectiveShardBacklog, countsRecords: !_options.Aggregate);
        return new ShardLane(shard, _options.Aggregate, _options.HotKeyPercent > 0, _pool, pace, credit, _listed, _filled);
    }
}
