namespace Weir.Producer.Records;

/// <summary>Records that wait, in the order of their calls. Linked through the records themselves: any of them can leave at once. Used under the lock of the credit.</summary>
internal sealed class WaitingRecords
{
    private PendingRecord? _last;

    /// <summary>The one that waits longest, if any.</summary>
    public PendingRecord? First { get; private set; }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one behind the others.</summary>
    public void Add(PendingRecord record)
    {
        record.WaitsIn = this;
        record.Previous = _last;
        if (_last is null)
            First = record;
        else
            _last.Next = record;
        _last = record;
        Count++;
    }

    /// <summary>Takes one out, wherever it stands.</summary>
    public void Remove(PendingRecord record)
    {
        if (record.Previous is null)
            First = record.Next;
        else
            record.Previous.Next = record.Next;
        if (record.Next is null)
            _last = record.Previous;
        else
            record.Next.Previous = record.Previous;
        (record.Previous, record.Next, record.WaitsIn) = (null, null, null);
        Count--;
    }
}
