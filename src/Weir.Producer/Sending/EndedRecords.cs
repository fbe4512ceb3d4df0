using Weir.Producer.Records;

namespace Weir.Producer.Sending;

/// <summary>
/// Adds up records that end together, so that their credit and their flush are told once and not for each: those of one outgoing record
/// nearly always belong to one shard and one flush. Used by one thread.
/// </summary>
internal struct EndedRecords(ByteCredit credit)
{
    private FlushEpoch? _epoch;
    private ShardCredit? _shard;
    private long _bytes;
    private int _records;

    /// <summary>Counts a record. To be called before its outcome is told: it may begin another life then.</summary>
    public void Add(PendingRecord record)
    {
        if (record.Epoch != _epoch || record.Shard != _shard)
        {
            Tell();
            (_epoch, _shard) = (record.Epoch, record.Shard);
        }

        _bytes += record.CreditBytes;
        _records++;
    }

    /// <summary>Gives the credit back and tells the flush.</summary>
    public void Tell()
    {
        if (_records == 0)
            return;
        credit.Release(_shard, _bytes, _records);
        _epoch!.Exit(_records);
        (_bytes, _records) = (0, 0);
    }
}
