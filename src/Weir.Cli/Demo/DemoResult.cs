namespace Weir.Cli.Demo;

/// <summary>What a demonstration came to.</summary>
/// <param name="Options">How it was run.</param>
/// <param name="Rows">Rows of the trace.</param>
/// <param name="EventTime">From the first to the last of them, when they happened.</param>
/// <param name="Durability">What an acknowledgement promised.</param>
/// <param name="Replayed">From the first record due to the last one processed.</param>
/// <param name="Took">All of it, the server's start and the audit included.</param>
/// <param name="Split">What the split did.</param>
/// <param name="Windows">What the consumers computed.</param>
/// <param name="Figures">The last live figures.</param>
/// <param name="Audit">Every question and its answer.</param>
/// <param name="Kept">The data directory, when it stays.</param>
internal sealed record DemoResult(
    DemoOptions Options,
    int Rows,
    TimeSpan EventTime,
    string Durability,
    TimeSpan Replayed,
    TimeSpan Took,
    SplitFacts Split,
    WindowsEvidence Windows,
    DemoSnapshot Figures,
    IReadOnlyList<AuditLine> Audit,
    string? Kept)
{
    /// <summary>Whether every answer of the audit is yes.</summary>
    public bool Passed => Audit.All(line => line.Passed);
}
