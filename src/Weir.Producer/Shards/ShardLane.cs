using System.Diagnostics;
using Weir.Producer.HotKeys;
using Weir.Producer.Pacing;
using Weir.Producer.Records;

namespace Weir.Producer.Shards;

/// <summary>
/// The way to one shard: the aggregate that is being filled, what is ready to go, and the shard's pace. Those who put fill it, under its
/// lock; everything else belongs to the send loop.
/// </summary>
/// <param name="shard">The shard, or null while none is known: then every record goes by itself, to wherever the service puts it.</param>
/// <param name="aggregates">Whether user records share records.</param>
/// <param name="watchesKeys">Whether it keeps a sketch of its heaviest keys.</param>
/// <param name="pool">Where outgoing records come from.</param>
/// <param name="pace">The shard's rates.</param>
/// <param name="credit">How much is accepted for it, if there is a bound.</param>
/// <param name="listed">Called under the lock when the lane has something and the send loop does not know yet.</param>
/// <param name="filled">Called under the lock when something is ready to go.</param>
internal sealed class ShardLane(
    KnownShard? shard, bool aggregates, bool watchesKeys, OutgoingRecordPool pool, ShardPace pace, ShardCredit? credit, Action<ShardLane> listed, Action filled)
{
    private readonly Lock _gate = new();

    // Under the lock.
    private OutgoingRecord? _open;
    private List<OutgoingRecord> _sealed = [];
    private bool _isListed;
    private bool _isRetired;
    private readonly HeavyHitters? _heavy = watchesKeys && shard is not null ? new HeavyHitters() : null;

    // The send loop's: an empty list to exchange for the sealed ones.
    private List<OutgoingRecord> _spare = [];

    /// <summary>The shard, if it is known.</summary>
    public KnownShard? Shard => shard;

    /// <summary>How fast it takes. The send loop's.</summary>
    public ShardPace Pace => pace;

    /// <summary>How much is accepted for it; null when it has no pace to tell by. Under the credit's lock.</summary>
    public ShardCredit? Credit => credit;

    /// <summary>What is ready to go, in order. The send loop's.</summary>
    public RecordQueue Ready { get; } = new();

    /// <summary>Records on their way, and those whose shard is still to be looked at. The send loop's.</summary>
    public int InFlight { get; set; }

    /// <summary>Lanes whose records in flight come before this one's: a split or merge has put this one in their place. The send loop's.</summary>
    public List<ShardLane> Predecessors { get; } = [];

    /// <summary>Whether records of lanes before this one are still on their way; forgets the lanes of which that is over. The send loop's.</summary>
    public bool WaitsForPredecessors()
    {
        Predecessors.RemoveAll(static lane => lane.InFlight == 0 && !lane.WaitsForPredecessors());
        return Predecessors.Count > 0;
    }

    /// <summary>Takes a record in; its data is copied.</summary>
    /// <returns>False when a new shard map has put other lanes in the place of this one.</returns>
    public bool TryAdd(PendingRecord record, ReadOnlySpan<byte> data, TimeSpan now)
    {
        lock (_gate)
        {
            if (_isRetired)
                return false;
            _heavy?.Add(record.PartitionKey, record.CreditBytes - ProducerOptions.RecordOverheadBytes);
            Add_NeedsLock(record, data, now);
            if (!_isListed)
            {
                _isListed = true;
                listed(this);
            }

            return true;
        }
    }

    /// <summary>The heaviest keys since the last call, with what each carried at least.</summary>
    public IReadOnlyList<(string Key, long Bytes, long Records)> TakeHeavyKeys()
    {
        if (_heavy is null)
            return [];
        lock (_gate)
        {
            var heavy = _heavy.Read().ToList();
            _heavy.Clear();
            return heavy;
        }
    }

    /// <summary>Makes ready what has been filled.</summary>
    /// <param name="openBefore">The aggregate that is being filled goes too, if its first record came no later.</param>
    /// <param name="whetherOpen">Whether it may go at all: while the lane cannot send, it rather fills up.</param>
    /// <returns>When the aggregate that is being filled was begun, or null when there is none.</returns>
    public TimeSpan? Collect(TimeSpan openBefore, bool whetherOpen)
    {
        List<OutgoingRecord> taken;
        TimeSpan? startedAt;
        lock (_gate)
        {
            if (whetherOpen && _open is { } open && open.StartedAt <= openBefore)
                Seal_NeedsLock();
            startedAt = _open?.StartedAt;
            if (_sealed.Count == 0)
                return startedAt;
            (taken, _sealed) = (_sealed, _spare);
        }

        foreach (var record in taken)
            Ready.AddLast(record);
        taken.Clear();
        _spare = taken;
        return startedAt;
    }

    /// <summary>Takes the lane off the send loop's list, if nothing is in it.</summary>
    /// <returns>Whether it is off; whoever adds a record has it listed again.</returns>
    public bool TryUnlist()
    {
        lock (_gate)
        {
            if (_open is not null || _sealed.Count > 0 || Ready.Count > 0)
                return false;
            _isListed = false;
            return true;
        }
    }

    /// <summary>Puts the lane on the send loop's list, if it is not on it.</summary>
    /// <returns>Whether it was not.</returns>
    public bool TryList()
    {
        lock (_gate)
        {
            if (_isListed)
                return false;
            _isListed = true;
            return true;
        }
    }

    /// <summary>Keeps records from coming in until <see cref="Release"/>: for the change of the shard map.</summary>
    public void Hold() => _gate.Enter();

    /// <summary>Ends <see cref="Hold"/>.</summary>
    public void Release() => _gate.Exit();

    /// <summary>Ends the lane: what comes is refused from now on. Only while it is held.</summary>
    /// <returns>What was in it, in order.</returns>
    public List<OutgoingRecord> Retire_NeedsLock()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "The lane is held.");
        _isRetired = true;
        if (_open is not null)
            Seal_NeedsLock();
        var rest = new List<OutgoingRecord>();
        while (Ready.TryTakeFirst(out var record))
            rest.Add(record);
        rest.AddRange(_sealed);
        _sealed.Clear();
        return rest;
    }

    private void Add_NeedsLock(PendingRecord record, ReadOnlySpan<byte> data, TimeSpan now)
    {
        if (!aggregates || shard is null)
        {
            _sealed.Add(OutgoingRecord.Single(pool, this, now, record, data));
            filled();
            return;
        }

        var open = _open ??= OutgoingRecord.Aggregate(pool, this, now);
        if (open.TryAdd(record, data))
            return;
        // Full, or the record is too large for any aggregate.
        if (open.Count > 0)
        {
            Seal_NeedsLock();
            open = _open = OutgoingRecord.Aggregate(pool, this, now);
            if (open.TryAdd(record, data))
                return;
        }

        open.Release();
        _open = null;
        _sealed.Add(OutgoingRecord.Single(pool, this, now, record, data));
        filled();
    }

    private void Seal_NeedsLock()
    {
        _sealed.Add(_open!);
        _open = null;
        filled();
    }
}
