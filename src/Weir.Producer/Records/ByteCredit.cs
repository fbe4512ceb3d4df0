namespace Weir.Producer.Records;

/// <summary>
/// The bytes that a producer may still hold, and who waits for some. Its bound is the producer's memory; when it is used up, those who put wait.
/// Before that a record needs room with its shard, if the shard has a bound. Thread-safe.
/// </summary>
/// <remarks>
/// Records of a shard come in in the order of the calls; those of a shard without room do not hold up the others. The queues of those who wait have
/// no bound of their own: each place in them is a call that has not returned, or a record of a batch that its caller holds. It takes a pooled
/// object apiece and none of their data.
/// </remarks>
internal sealed class ByteCredit
{
    private readonly Lock _gate = new();
    private readonly long _capacity;
    private readonly Action<PendingRecord> _accept;
    private readonly Func<PendingRecord, ShardCredit?> _shardOf;

    // All under the lock. Invariant: _available <= _capacity. Below zero while a record larger than everything is alone.
    private long _available;
    private long _records;

    // Those that have room with their shard, or need none.
    private readonly WaitingRecords _waiting = new();

    // Shards with records that wait for room.
    private readonly HashSet<ShardCredit> _full = [];

    // Written under the lock, read by anyone.
    private int _waitingCount;

    /// <param name="capacity">Bytes in all.</param>
    /// <param name="accept">Takes a record that has waited into the producer. Called under the lock, so that the order stays.</param>
    /// <param name="shardOf">The bound of the record's shard by the newest shard map; null when it has none. Called under the lock.</param>
    public ByteCredit(long capacity, Action<PendingRecord> accept, Func<PendingRecord, ShardCredit?> shardOf)
    {
        (_capacity, _accept, _shardOf) = (capacity, accept, shardOf);
        _available = capacity;
    }

    /// <summary>What is taken at present.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
                return _capacity - _available;
        }
    }

    /// <summary>Records that have taken some.</summary>
    public long Records
    {
        get
        {
            lock (_gate)
                return _records;
        }
    }

    /// <summary>Records that wait.</summary>
    public int Waiting => Volatile.Read(ref _waitingCount);

    /// <summary>Takes credit for a record, unless there is too little or somebody waits already.</summary>
    public bool TryTake(PendingRecord record)
    {
        lock (_gate)
        {
            var shard = _shardOf(record);
            if (_waiting.First is not null || (shard is not null && !HasRoom(shard, record)) || !TryTake_NeedsLock(record.CreditBytes))
                return false;
            shard?.Enter(record);
            return true;
        }
    }

    /// <summary>Takes credit and accepts the record, or puts it behind those that wait.</summary>
    /// <returns>Whether it was accepted.</returns>
    public bool TakeOrWait(PendingRecord record)
    {
        lock (_gate)
            return TakeOrWait_NeedsLock(record);
    }

    /// <summary>Gives the credit of some records of one shard back, and accepts who waits for it.</summary>
    /// <param name="shard">What they were counted in by; null when the shard had no bound.</param>
    /// <param name="bytes">What they took.</param>
    /// <param name="records">How many they are.</param>
    public void Release(ShardCredit? shard, long bytes, int records)
    {
        lock (_gate)
        {
            _available += bytes;
            _records -= records;
            shard?.Exit(bytes, records);
            AcceptWaiting_NeedsLock();
            if (shard is not null)
                LetIn_NeedsLock(shard);
        }
    }

    /// <summary>Takes a record out of the queue.</summary>
    /// <param name="record">The record.</param>
    /// <param name="observer">Who learns of its outcome: by now the record may have begun another life.</param>
    /// <returns>False when it does not wait (any more): then it has been accepted, and its data copied.</returns>
    public bool TryLeave(PendingRecord record, IPutObserver? observer = null)
    {
        lock (_gate)
        {
            if (record.WaitsIn is not { } queue || record.Observer != observer)
                return false;
            Remove_NeedsLock(queue, record);
            record.Shard?.Exit(record.CreditBytes, records: 1);
            // It may have been too large for what there is, and the next one may not.
            AcceptWaiting_NeedsLock();
            if ((record.Shard ?? _shardOf(record)) is { } shard)
                LetIn_NeedsLock(shard);
            return true;
        }
    }

    /// <summary>Changes the shard map: who waits for room with a shard that is no longer there waits with the ones in its place.</summary>
    /// <param name="change">Changes it. Called under the lock: nobody comes in by the old map afterwards, nor by the new one before.</param>
    /// <param name="retired">The bounds of the shards that are no longer there.</param>
    public void Change(Action change, IEnumerable<ShardCredit> retired)
    {
        lock (_gate)
        {
            change();
            foreach (var shard in retired)
            {
                while (shard.Waiting.First is { } record)
                {
                    Remove_NeedsLock(shard.Waiting, record);
                    TakeOrWait_NeedsLock(record);
                }

                _full.Remove(shard);
            }
        }
    }

    /// <summary>Empties the queues, for a producer that closes.</summary>
    public List<PendingRecord> TakeWaiting()
    {
        var taken = new List<PendingRecord>();
        lock (_gate)
        {
            foreach (var queue in _full.Select(shard => shard.Waiting).Prepend(_waiting))
            {
                while (queue.First is { } record)
                {
                    Remove_NeedsLock(queue, record);
                    taken.Add(record);
                }
            }

            _full.Clear();
        }

        return taken;
    }

    private bool TakeOrWait_NeedsLock(PendingRecord record)
    {
        if (_shardOf(record) is { } shard)
        {
            if (!HasRoom(shard, record))
            {
                _full.Add(shard);
                Add_NeedsLock(shard.Waiting, record);
                return false;
            }

            shard.Enter(record);
        }

        return TakeCreditOrWait_NeedsLock(record);
    }

    private bool TakeCreditOrWait_NeedsLock(PendingRecord record)
    {
        if (_waiting.First is null && TryTake_NeedsLock(record.CreditBytes))
        {
            _accept(record);
            return true;
        }

        Add_NeedsLock(_waiting, record);
        return false;
    }

    // Who waited for room with the shard waits for credit now, or has it.
    private void LetIn_NeedsLock(ShardCredit shard)
    {
        while (shard.Waiting.First is { } next && shard.HasRoomFor(next))
        {
            Remove_NeedsLock(shard.Waiting, next);
            shard.Enter(next);
            TakeCreditOrWait_NeedsLock(next);
        }

        if (shard.Waiting.First is null)
            _full.Remove(shard);
    }

    private void AcceptWaiting_NeedsLock()
    {
        while (_waiting.First is { } next && TryTake_NeedsLock(next.CreditBytes))
        {
            Remove_NeedsLock(_waiting, next);
            _accept(next);
        }
    }

    // A record larger than the whole credit goes when nothing else is held.
    private bool TryTake_NeedsLock(int bytes)
    {
        if (_available < Math.Min(bytes, _capacity))
            return false;
        _available -= bytes;
        _records++;
        return true;
    }

    private void Add_NeedsLock(WaitingRecords queue, PendingRecord record)
    {
        queue.Add(record);
        _waitingCount++;
    }

    private void Remove_NeedsLock(WaitingRecords queue, PendingRecord record)
    {
        queue.Remove(record);
        _waitingCount--;
    }

    private static bool HasRoom(ShardCredit shard, PendingRecord record) => shard.Waiting.First is null && shard.HasRoomFor(record);
}
