namespace Weir.Producer.Records;

/// <summary>
/// The bytes that a producer may still hold, and who waits for some, in the order of the calls. Its bound is the producer's memory; when
/// it is used up, those who put wait. Thread-safe.
/// </summary>
/// <remarks>
/// The queue of those who wait has no bound of its own: each place in it is a call that has not returned, or a record of a batch that its
/// caller holds. It takes a pooled object apiece and none of their data.
/// </remarks>
internal sealed class ByteCredit
{
    private readonly Lock _gate = new();
    private readonly long _capacity;
    private readonly Action<PendingRecord> _accept;

    // Under the lock, like the queue. Invariant: _available <= _capacity. Below zero while a record larger than everything is alone.
    private long _available;
    private PendingRecord? _first;
    private PendingRecord? _last;
    private int _waiting;
    private long _records;

    /// <param name="capacity">Bytes in all.</param>
    /// <param name="accept">Takes a record that has waited into the producer. Called under the lock, so that the order stays.</param>
    public ByteCredit(long capacity, Action<PendingRecord> accept)
    {
        (_capacity, _accept) = (capacity, accept);
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
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Takes credit for a record, unless there is too little or somebody waits already.</summary>
    public bool TryTake(int bytes)
    {
        lock (_gate)
            return _first is null && TryTake_NeedsLock(bytes);
    }

    /// <summary>Takes credit and accepts the record, or puts it behind those that wait.</summary>
    /// <returns>Whether it was accepted.</returns>
    public bool TakeOrWait(PendingRecord record)
    {
        lock (_gate)
        {
            if (_first is null && TryTake_NeedsLock(record.CreditBytes))
            {
                _accept(record);
                return true;
            }

            record.IsWaiting = true;
            record.Previous = _last;
            if (_last is null)
                _first = record;
            else
                _last.Next = record;
            _last = record;
            _waiting++;
            return false;
        }
    }

    /// <summary>Gives the credit of some records back, and accepts who waits for it.</summary>
    public void Release(long bytes, int records)
    {
        lock (_gate)
        {
            _available += bytes;
            _records -= records;
            AcceptWaiting_NeedsLock();
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
            if (!record.IsWaiting || record.Observer != observer)
                return false;
            Unlink_NeedsLock(record);
            // It may have been too large for what there is, and the next one may not.
            AcceptWaiting_NeedsLock();
            return true;
        }
    }

    /// <summary>Empties the queue, for a producer that closes.</summary>
    public List<PendingRecord> TakeWaiting()
    {
        var waiting = new List<PendingRecord>();
        lock (_gate)
        {
            while (_first is { } next)
            {
                Unlink_NeedsLock(next);
                waiting.Add(next);
            }
        }

        return waiting;
    }

    private void AcceptWaiting_NeedsLock()
    {
        while (_first is { } next && TryTake_NeedsLock(next.CreditBytes))
        {
            Unlink_NeedsLock(next);
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

    private void Unlink_NeedsLock(PendingRecord record)
    {
        if (record.Previous is null)
            _first = record.Next;
        else
            record.Previous.Next = record.Next;
        if (record.Next is null)
            _last = record.Previous;
        else
            record.Next.Previous = record.Previous;
        (record.Previous, record.Next, record.IsWaiting) = (null, null, false);
        _waiting--;
    }
}
