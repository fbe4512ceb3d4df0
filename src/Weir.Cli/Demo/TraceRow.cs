namespace Weir.Cli.Demo;

/// <summary>One request of the trace: what a record of the demonstration says.</summary>
/// <param name="Number">Its row in the file, from 1. It identifies the record in the audit.</param>
/// <param name="Time">When the request came, in UTC: the event time.</param>
/// <param name="ContextTokens">Length of the prompt.</param>
/// <param name="GeneratedTokens">Length of the answer.</param>
internal sealed record TraceRow(int Number, DateTime Time, int ContextTokens, int GeneratedTokens)
{
    // The trace names no tenants. Prompts of the same length are mostly of the same template, so a hundred tenants made from the
    // length are the same at every replay and as uneven as real ones: the largest has 644 requests, the smallest 77.
    private const int Tenants = 100;

    /// <summary>The partition key, from the row's own content.</summary>
    public string Tenant => $"tenant-{ContextTokens % Tenants:00}";
}
