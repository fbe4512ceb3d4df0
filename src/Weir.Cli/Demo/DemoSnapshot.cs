namespace Weir.Cli.Demo;

/// <summary>All live figures at one moment.</summary>
/// <param name="Timestamp">The moment, on the clock's counter.</param>
/// <param name="Phase">Where the demonstration is.</param>
/// <param name="Elapsed">Since the replay began.</param>
/// <param name="Total">Rows of the trace.</param>
/// <param name="Acknowledged">Records stored.</param>
/// <param name="Processed">Records consumed.</param>
/// <param name="Refused">Refusals; a record may have several.</param>
/// <param name="Shards">In the order of their creation.</param>
/// <param name="Windows">The last complete windows, oldest first.</param>
/// <param name="Put">Latency of the puts.</param>
/// <param name="EndToEnd">From due to processed.</param>
internal sealed record DemoSnapshot(
    long Timestamp,
    DemoPhase Phase,
    TimeSpan Elapsed,
    int Total,
    int Acknowledged,
    int Processed,
    int Refused,
    IReadOnlyList<ShardFigures> Shards,
    IReadOnlyList<WindowFigures> Windows,
    LatencyFigures Put,
    LatencyFigures EndToEnd);

/// <summary>One shard at one moment.</summary>
/// <param name="ShardId">Its id.</param>
/// <param name="State">Whether it takes records.</param>
/// <param name="RecordsIn">Records acknowledged in it.</param>
/// <param name="BytesIn">Bytes of their data.</param>
/// <param name="RecordsOut">Records consumed from it.</param>
/// <param name="LagMilliseconds">From arrival to processing, of the oldest record of the last read that brought any.</param>
internal sealed record ShardFigures(string ShardId, ShardState State, long RecordsIn, long BytesIn, long RecordsOut, double LagMilliseconds)
{
    /// <summary>The number at the end of the id: <c>shardId-000000000003</c> is 3.</summary>
    public string Number => ShardId.Split('-')[^1].TrimStart('0') is { Length: > 0 } number ? number : "0";
}
