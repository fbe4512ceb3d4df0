using Weir.Client;
using Weir.Model;
using Weir.Protocol.Aggregation;
using Weir.Protocol.Messages;
using HashKeyRange = Weir.Model.HashKeyRange;
using Record = Weir.Protocol.Messages.Record;

namespace Weir.Producer.Tests.Consuming;

/// <summary>A user record as a consumer's processor gets it.</summary>
/// <param name="ShardId">The shard that it was read from.</param>
/// <param name="SequenceNumber">Of the record that it came in.</param>
/// <param name="Index">Its place in the aggregate; null when it came by itself.</param>
/// <param name="Record">What was put.</param>
internal sealed record Delivery(string ShardId, string SequenceNumber, int? Index, UserRecord Record);

/// <summary>
/// Reads a stream as the KCL does (spec section 10.4): from its oldest shards on, a child when all its parents are read to the end, and an
/// aggregate in which one user record is of another shard not at all.
/// </summary>
internal sealed class KclConsumer(KinesisClient client, string stream)
{
    private readonly List<Delivery> _delivered = [];
    private readonly List<Reading> _readings = [];
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);

    /// <summary>Everything that was delivered, each shard's records in their order and none before those of the shard's parents.</summary>
    public IReadOnlyList<Delivery> Delivered => _delivered;

    /// <summary>Aggregates that were passed over.</summary>
    public int Discarded { get; private set; }

    /// <summary>Shards that were read.</summary>
    public int Shards => _begun.Count;

    /// <summary>Reads until everything is read that was stored before the task ended.</summary>
    /// <param name="produced">Ends when nothing more is put.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task ReadAsync(Task produced, CancellationToken cancellationToken)
    {
        var oldest = await client.ListShardsAsync(
            new ListShardsRequest { StreamName = stream, ShardFilter = new ShardFilter { Type = ShardFilterTypes.AtTrimHorizon } }, cancellationToken);
        foreach (var shard in oldest.Shards!)
            await BeginAsync(shard.ShardId!, shard.HashKeyRange!, cancellationToken);
        bool isLast;
        do
        {
            isLast = produced.IsCompleted;
            // What a round begins, the next one reads.
            foreach (var reading in _readings.ToList())
                isLast &= await ReadAsync(reading, cancellationToken);
        }
        while (!isLast);
    }

    // One page.
    // Returns whether there was nothing, and nothing is left.
    private async Task<bool> ReadAsync(Reading reading, CancellationToken cancellationToken)
    {
        var page = await client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = reading.Iterator }, cancellationToken);
        foreach (var record in page.Records!)
            Deliver(reading, record);
        reading.Iterator = page.NextShardIterator;
        if (reading.Iterator is not null)
            return page.Records.Count == 0 && page.MillisBehindLatest == 0;
        _readings.Remove(reading);
        _ended.Add(reading.ShardId);
        foreach (var child in page.ChildShards!)
        {
            if (child.ParentShards!.All(_ended.Contains))
                await BeginAsync(child.ShardId!, child.HashKeyRange!, cancellationToken);
        }

        return false;
    }

    private async Task BeginAsync(string shardId, Protocol.Messages.HashKeyRange range, CancellationToken cancellationToken)
    {
        Assert.True(_begun.Add(shardId), $"{shardId} was to be read twice.");
        var answer = await client.GetShardIteratorAsync(
            new GetShardIteratorRequest { StreamName = stream, ShardId = shardId, ShardIteratorType = "TRIM_HORIZON" }, cancellationToken);
        Assert.True(HashKey.TryParse(range.StartingHashKey, out var start));
        Assert.True(HashKey.TryParse(range.EndingHashKey, out var end));
        _readings.Add(new Reading(shardId, new HashKeyRange(start, end)) { Iterator = answer.ShardIterator });
    }

    private void Deliver(Reading reading, Record record)
    {
        if (!AggregatedRecordReader.TryRead(record.Data!.Value, out var inner))
        {
            _delivered.Add(new Delivery(reading.ShardId, record.SequenceNumber!, null, new UserRecord(record.PartitionKey!, null, record.Data.Value)));
            return;
        }

        // The first one outside takes all of them with it, those before it too.
        if (!inner.All(one => reading.Range.Contains(one.EffectiveHashKey)))
        {
            Discarded++;
            return;
        }

        _delivered.AddRange(inner.Select((one, index) => new Delivery(reading.ShardId, record.SequenceNumber!, index, one)));
    }

    private sealed record Reading(string ShardId, HashKeyRange Range)
    {
        /// <summary>Where to go on; null at the shard's end.</summary>
        public string? Iterator { get; set; }
    }
}
