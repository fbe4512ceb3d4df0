namespace Weir.Cli.Bench;

/// <summary>What one server of a size showed: its memory, its start, and the time of some calls.</summary>
/// <param name="Streams">How many streams it has.</param>
/// <param name="Shards">How many open shards in all.</param>
/// <param name="IdleBytes">Resident memory of the process after a fresh start on its data, before any request.</param>
/// <param name="Starts">From the start of the process to the line that says it listens.</param>
/// <param name="Calls">By the call's name: how long each took, one after another on one connection.</param>
internal sealed record ServerSample(
    int Streams, int Shards, long IdleBytes, IReadOnlyList<TimeSpan> Starts, IReadOnlyDictionary<string, LatencyHistogram> Calls);
