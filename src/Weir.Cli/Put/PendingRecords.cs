namespace Weir.Cli.Put;

/// <summary>
/// Records that were read and not given out yet. With one record per key in a batch, a batch takes the first one of each key and
/// leaves the rest in their order; so a refusal in the batch cannot let a later record of its key overtake. Not thread-safe.
/// </summary>
internal sealed class PendingRecords(BatchLimits limits)
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private List<InputRecord> _records = [];
    private int _bytes;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _records.Count == 0;

    /// <summary>Whether a record of that size has to wait until a batch was taken.</summary>
    public bool IsFullFor(InputRecord record) =>
        _records.Count >= limits.MaxPending || (_records.Count > 0 && _bytes + record.Size > limits.MaxBytes);

    /// <summary>Adds a record behind the others.</summary>
    public void Add(InputRecord record)
    {
        _records.Add(record);
        _bytes += record.Size;
    }

    /// <summary>Takes a batch: at least one record, at most what one request may hold.</summary>
    public List<InputRecord> Take()
    {
        if (!limits.OnePerKey)
            return TakeAll();
        _keys.Clear();
        var batch = new List<InputRecord>();
        var rest = new List<InputRecord>();
        foreach (var record in _records)
            (batch.Count < limits.MaxRecords && _keys.Add(record.Key) ? batch : rest).Add(record);
        _records = rest;
        _bytes -= batch.Sum(record => record.Size);
        return batch;
    }

    // What waits without the rule of the keys is never more than a batch.
    private List<InputRecord> TakeAll()
    {
        var batch = _records;
        _records = [];
        _bytes = 0;
        return batch;
    }
}
