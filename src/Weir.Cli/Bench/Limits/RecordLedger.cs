using System.Buffers.Binary;

namespace Weir.Cli.Bench.Limits;

/// <summary>
/// What became of each record that was offered: its number is in its data, so what a stream holds can be held against what was reported.
/// </summary>
/// <remarks>Numbers may be taken and outcomes noted by any thread; what the stream holds is counted by one thread, afterwards.</remarks>
internal sealed class RecordLedger
{
    /// <summary>Bytes of data that the number takes: records must have as many.</summary>
    public const int NumberBytes = sizeof(long);

    private const int PageBits = 20;
    private const int PageSize = 1 << PageBits;

    // What is known of a record, in a byte: its outcome, and above it how often it is in the stream (up to 63 times).
    private const byte StoredBit = 1, FailedBit = 2, SeenUnit = 4, OutcomeBits = StoredBit | FailedBit;

    private readonly Lock _gate = new();

    // Replaced by a longer one, under the lock; the pages stay.
    private volatile byte[][] _pages = [];
    private long _numbers;
    private long _foreign;

    /// <summary>Records that were offered.</summary>
    public long Offered => Volatile.Read(ref _numbers);

    /// <summary>Records of the stream that are none of the ledger's.</summary>
    public long Foreign => _foreign;

    /// <summary>Takes the next number, and writes it into the record's data.</summary>
    public long Offer(Span<byte> data)
    {
        var number = Interlocked.Increment(ref _numbers) - 1;
        MakeRoom(number);
        BinaryPrimitives.WriteInt64LittleEndian(data, number);
        return number;
    }

    /// <summary>The record was reported to be stored, or to have failed. Once for each record, by whoever offered it.</summary>
    public void Note(long number, bool isStored) => Of(number) |= isStored ? StoredBit : FailedBit;

    /// <summary>The stream holds the record.</summary>
    public void See(ReadOnlySpan<byte> data)
    {
        var number = data.Length < NumberBytes ? -1 : BinaryPrimitives.ReadInt64LittleEndian(data);
        if (number < 0 || number >= Offered)
            _foreign++;
        else if (Of(number) < byte.MaxValue - SeenUnit)
            Of(number) += SeenUnit;
    }

    /// <summary>Holds what was reported against what the stream holds.</summary>
    public LedgerBalance Balance()
    {
        var balance = new LedgerBalance { Offered = Offered, Foreign = _foreign };
        for (var number = 0L; number < balance.Offered; number++)
        {
            var known = Of(number);
            var (outcome, seen) = (known & OutcomeBits, known / SeenUnit);
            balance.Stored += outcome == StoredBit ? 1 : 0;
            balance.Failed += outcome == FailedBit ? 1 : 0;
            balance.WithoutOutcome += outcome == 0 ? 1 : 0;
            balance.Missing += outcome == StoredBit && seen == 0 ? 1 : 0;
            balance.Unreported += outcome != StoredBit && seen > 0 ? 1 : 0;
            balance.Repeated += seen > 1 ? 1 : 0;
        }

        return balance;
    }

    private ref byte Of(long number) => ref _pages[number >> PageBits][number & (PageSize - 1)];

    private void MakeRoom(long number)
    {
        var page = number >> PageBits;
        if (page < _pages.Length)
            return;
        lock (_gate)
        {
            while (page >= _pages.Length)
                _pages = [.. _pages, new byte[PageSize]];
        }
    }
}

/// <summary>What was reported of records, held against what a stream holds.</summary>
internal sealed class LedgerBalance
{
    /// <summary>Records that were offered.</summary>
    public long Offered { get; init; }

    /// <summary>Records of the stream that nobody has offered.</summary>
    public long Foreign { get; init; }

    /// <summary>Records that were reported as stored.</summary>
    public long Stored { get; set; }

    /// <summary>Records that were reported as failed.</summary>
    public long Failed { get; set; }

    /// <summary>Records of which nothing was reported.</summary>
    public long WithoutOutcome { get; set; }

    /// <summary>Records that were reported as stored, and are not in the stream.</summary>
    public long Missing { get; set; }

    /// <summary>Records that are in the stream, and were not reported as stored.</summary>
    public long Unreported { get; set; }

    /// <summary>Records that are in the stream more often than once.</summary>
    public long Repeated { get; set; }

    /// <summary>Whether each record has its outcome and each outcome is true. A repeated record is: its first answer was lost.</summary>
    public bool IsTrue => WithoutOutcome == 0 && Missing == 0 && Foreign == 0;
}
