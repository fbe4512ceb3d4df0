namespace Weir.Cli.Demo;

/// <summary>The server's word that a row is stored.</summary>
internal sealed record Acknowledgement(int Row, string ShardId, string SequenceNumber);

/// <summary>A row that was read back after the run.</summary>
internal sealed record StoredRecord(int Row, string ShardId, string SequenceNumber);

/// <summary>A row that a consumer processed.</summary>
internal sealed record ProcessedRecord(int Row, string Key, string ShardId);

/// <summary>Number of windows and the checksum over them.</summary>
internal sealed record WindowsEvidence(int Count, string Checksum);

/// <summary>All that the audit looks at.</summary>
/// <param name="Rows">Rows of the trace; they are numbered from 1.</param>
/// <param name="Produced">What the server acknowledged.</param>
/// <param name="Stored">What was read back after the run, shard by shard.</param>
/// <param name="Processed">What the consumers saw, in the order in which they did.</param>
/// <param name="Windows">What the consumers computed.</param>
/// <param name="ExpectedWindows">What the trace itself says.</param>
/// <param name="Split">What the split did.</param>
internal sealed record AuditEvidence(
    int Rows,
    IReadOnlyList<Acknowledgement> Produced,
    IReadOnlyList<StoredRecord> Stored,
    IReadOnlyList<ProcessedRecord> Processed,
    WindowsEvidence Windows,
    WindowsEvidence ExpectedWindows,
    SplitFacts Split);
