using Weir.Model;

namespace Weir.Cli.Put;

/// <summary>When a batch goes, and what may be in it.</summary>
/// <param name="MaxRecordBytes">Data and key that one record may have: the stream's limit.</param>
/// <param name="OnePerKey">Whether a batch holds at most one record of each key.</param>
internal sealed record BatchLimits(int MaxRecordBytes, bool OnePerKey)
{
    /// <summary>How long a record waits for company when the input is slow.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(50);

    /// <summary>Records of one PutRecords.</summary>
    public int MaxRecords { get; init; } = KinesisLimits.MaxPutRecordsEntries;

    /// <summary>
    /// Data and keys of one PutRecords, and of what waits for one: half of what the service takes. Larger requests are no faster.
    /// </summary>
    public int MaxBytes { get; init; } = KinesisLimits.MaxPutRecordsBytes / 2;

    /// <summary>Records that wait: with one per key, four batches' worth, so that a batch finds enough different keys.</summary>
    public int MaxPending => OnePerKey ? MaxRecords * 4 : MaxRecords;
}
