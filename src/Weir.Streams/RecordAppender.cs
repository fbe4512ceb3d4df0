using System.Runtime.CompilerServices;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Encryption;
using Weir.Streams.Format;

namespace Weir.Streams;

/// <summary>Takes the records of a put to their shards: route, admit, copy into one append, wait until it is durable.</summary>
/// <remarks>
/// Thread-safe. A record whose shard closed while it was on its way goes to the child as soon as the new shard map is there: it is
/// in the parent below its end or in a child, never in both and never in none.
/// </remarks>
public sealed class RecordAppender
{
    private readonly StreamEngine _engine;

    internal RecordAppender(StreamEngine engine) => _engine = engine;

    /// <summary>Appends the records and completes when every one has an outcome.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="records">Borrowed until the task completes; its bytes are copied once.</param>
    /// <param name="outcomes">Rented for as many records; filled here.</param>
    /// <param name="gate">Asked for each record, or null.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask AppendAsync(DataStream stream, IRecordSource records, PutOutcomes outcomes, RecordGate? gate = null)
    {
        var snapshot = stream.Current;
        if (!snapshot.TakesRecords)
        {
            SetPending(outcomes, PutStatus.StreamGone);
            return;
        }

        // A put is stored in one way, also when it follows a reshard while the stream's encryption changes.
        var key = _engine.Keys.For(snapshot);
        outcomes.Encrypted = key is not null;
        Route(stream, snapshot, records, outcomes, key, admit: _engine.Options.EnforceRates, gate);
        if (key is not null && outcomes.Groups.Length > 0 && _engine.Keys.StateOf(key.Name) is var state && state != KeyState.Usable)
        {
            outcomes.KeyState = state;
            SetPending(outcomes, PutStatus.KeyRefused);
            return;
        }

        while (outcomes.Groups.Length > 0)
        {
            var follow = await AppendGroupsAsync(snapshot.Log!, records, outcomes, key, _engine.Options.AnswersInPlace).ConfigureAwait(false);
            if (snapshot.Row.Mode == StreamMode.OnDemand)
                _engine.OnDemand.Wake(stream);
            if (!follow)
                return;
            if (await NextMapAsync(stream, snapshot).ConfigureAwait(false) is not { } next)
            {
                SetPending(outcomes, stream.Current.TakesRecords ? PutStatus.Failed : PutStatus.StreamGone);
                return;
            }

            // What waited was admitted by the parent; it is not asked again.
            snapshot = next;
            Route(stream, snapshot, records, outcomes, key, admit: false, gate: null);
        }
    }

    private static void Route(
        DataStream stream, DataStream.Snapshot snapshot, IRecordSource records, PutOutcomes outcomes, DataKey? key, bool admit, RecordGate? gate)
    {
        var envelopeBytes = key is null ? 0 : EncryptedRecord.OverheadBytes;
        outcomes.ClearGroups();
        var all = outcomes.All;
        var shards = snapshot.Shards;
        var spreads = snapshot.Row.Distribution == RecordDistribution.Auto;
        // One addition for the whole put; its records then go to one shard after the other.
        var turn = spreads ? stream.TakeTurns(all.Length) : 0;
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i].Status != PutStatus.Pending)
                continue;
            var shard = spreads ? shards.InTurn(turn + (uint)i) : shards.Route(records.HashKey(i));
            if (gate is not null && gate(shard.Id) is var status and not PutStatus.Pending)
            {
                all[i].Status = status;
                all[i].Shard = shard;
                continue;
            }

            int keyBytes = records.PartitionKey(i).Length, dataBytes = records.Data(i).Length;
            if (admit && !shard.Throttle.TryWrite(keyBytes + dataBytes))
            {
                all[i].Status = PutStatus.Throttled;
                all[i].Shard = shard;
                continue;
            }

            outcomes.AddToGroup(i, shard, AppendBatch.RecordPrefixBytes + envelopeBytes + StoredRecord.EncodedBytes(keyBytes, dataBytes));
        }
    }

    /// <summary>Appends the groups of this round.</summary>
    /// <returns>Whether records are left that have to follow a reshard.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<bool> AppendGroupsAsync(IRecordLog log, IRecordSource records, PutOutcomes outcomes, DataKey? key, bool inPlace)
    {
        using var batch = Encode(records, outcomes, key);
        batch.AnsweredInPlace = inPlace;
        try
        {
            await log.AppendAsync(batch).ConfigureAwait(false);
        }
        catch (LogFailedException)
        {
            // The log has told the operator; each client learns that its record is not safe.
            SetPending(outcomes, PutStatus.Failed);
            return false;
        }
        catch (ObjectDisposedException)
        {
            SetPending(outcomes, PutStatus.StreamGone);
            return false;
        }

        return Settle(batch, outcomes);
    }

    private static AppendBatch Encode(IRecordSource records, PutOutcomes outcomes, DataKey? dataKey)
    {
        using var cipher = dataKey?.Rent();
        var envelopeBytes = cipher is null ? 0 : EncryptedRecord.OverheadBytes;
        var bytes = 0;
        foreach (ref var group in outcomes.Groups)
            bytes += group.Bytes;
        var batch = AppendBatch.Rent(bytes);
        foreach (ref var group in outcomes.Groups)
        {
            batch.BeginBlock(group.Shard.Id.Number);
            for (var i = group.First; i >= 0; i = outcomes.NextInGroup(i))
            {
                var key = records.PartitionKey(i);
                var data = records.Data(i);
                var record = batch.AddRecord(envelopeBytes + StoredRecord.EncodedBytes(key.Length, data.Length));
                StoredRecord.Encode(record[envelopeBytes..], key, data);
                if (cipher is not null)
                    EncryptedRecord.Seal(record, cipher);
            }
        }

        return batch;
    }

    private static bool Settle(AppendBatch batch, PutOutcomes outcomes)
    {
        var follow = false;
        var groups = outcomes.Groups;
        var blocks = batch.Blocks;
        for (var g = 0; g < groups.Length; g++)
        {
            ref var block = ref blocks[g];
            var status = block.Outcome switch
            {
                AppendOutcome.Appended => PutStatus.Accepted,
                AppendOutcome.ShardClosed => PutStatus.Pending,
                AppendOutcome.QueueFull => PutStatus.Overloaded,
                AppendOutcome.StorageFull => PutStatus.StorageFull,
                _ => PutStatus.Failed,
            };
            follow |= status == PutStatus.Pending;
            if (status == PutStatus.Accepted)
                groups[g].Shard.Traffic.Add(groups[g].Count, groups[g].Bytes - (groups[g].Count * (AppendBatch.RecordPrefixBytes + StoredRecord.HeaderBytes)));
            var index = block.FirstIndex;
            for (var i = groups[g].First; i >= 0; i = outcomes.NextInGroup(i))
            {
                ref var outcome = ref outcomes.All[i];
                outcome.Status = status;
                if (status == PutStatus.Accepted)
                    outcome.SequenceNumber = groups[g].Shard.NumberOf(index++, block.Time);
            }
        }

        return follow;
    }

    /// <summary>Waits for a snapshot with other shards; null when there is none in time or the stream is going.</summary>
    private async ValueTask<DataStream.Snapshot?> NextMapAsync(DataStream stream, DataStream.Snapshot seen)
    {
        var started = _engine.Time.GetTimestamp();
        while (true)
        {
            var current = stream.Current;
            if (!current.TakesRecords)
                return null;
            if (!ReferenceEquals(current.Shards, seen.Shards))
                return current;
            var left = _engine.Options.ReshardWait - _engine.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return null;
            try
            {
                await stream.ChangedSince(current).WaitAsync(left, _engine.Time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Looks once more: on a busy machine the map may have come before this got its turn. No time is left for another wait.
                continue;
            }
        }
    }

    private static void SetPending(PutOutcomes outcomes, PutStatus status)
    {
        foreach (ref var outcome in outcomes.All)
        {
            if (outcome.Status == PutStatus.Pending)
                outcome.Status = status;
        }
    }
}
