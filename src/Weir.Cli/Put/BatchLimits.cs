using Weir.Model;

namespace Weir.Cli.Put;

/// <summary>When a batch goes.</summary>
/// <param name="MaxRecordBytes">Data and key that one record may have: the stream's limit.</param>
/// <param name="OnePerKey">Whether a key that is in the batch already closes it.</param>
internal sealed record BatchLimits(int MaxRecordBytes, bool OnePerKey)
{
    /// <summary>How long a record waits for company when the input is slow.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(50);

    /// <summary>Records of one PutRecords.</summary>
    public int MaxRecords { get; init; } = KinesisLimits.MaxPutRecordsEntries;

    /// <summary>
    /// Data and keys of one PutRecords: half of what the service takes. Larger requests are no faster, and as much again is held by
    /// the batch that is being read meanwhile.
    /// </summary>
    public int MaxBytes { get; init; } = KinesisLimits.MaxPutRecordsBytes / 2;
}
