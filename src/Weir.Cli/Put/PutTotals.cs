using Weir.Producer;
using Weir.Protocol.Aggregation;

namespace Weir.Cli.Put;

/// <summary>What was put so far. One writes, anybody reads.</summary>
internal sealed class PutTotals
{
    private long _records;
    private long _bytes;
    private long _streamRecords;
    private long _resent;

    /// <summary>Lines that the server acknowledged.</summary>
    public long Records => Volatile.Read(ref _records);

    /// <summary>Their data and keys.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Records of the stream that hold them: as many, unless they share some.</summary>
    public long StreamRecords => Volatile.Read(ref _streamRecords);

    /// <summary>How often a line was sent again.</summary>
    public long Resent => Volatile.Read(ref _resent);

    /// <summary>Counts what became of a line.</summary>
    public void Add(UserRecord record, PutOutcome outcome)
    {
        var attempts = outcome.Failure?.Attempts ?? outcome.Result.Attempts;
        Volatile.Write(ref _resent, _resent + Math.Max(0, attempts.Count - 1));
        if (!outcome.IsStored)
            return;
        Volatile.Write(ref _records, _records + 1);
        Volatile.Write(ref _bytes, _bytes + LineBatch.SizeOf(record));
        // The first one of an aggregate stands for it.
        if (outcome.Result.SubSequenceNumber is null or 0)
            Volatile.Write(ref _streamRecords, _streamRecords + 1);
    }
}
