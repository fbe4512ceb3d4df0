using Weir.Producer;

namespace Weir.Cli.Put;

/// <summary>What a batch of lines may hold.</summary>
/// <param name="MaxRecordBytes">Data and key that one record may have: the stream's limit.</param>
/// <param name="Aggregate">Whether lines share records of the stream.</param>
internal sealed record BatchLimits(int MaxRecordBytes, bool Aggregate)
{
    // A shard takes 1,000 records or 1 MiB a second: a small record of its own costs it as much as one of this size.
    private const int LeastRecordCost = 1024;

    /// <summary>What the lines of a batch cost together, unless there is only one.</summary>
    public int MaxCost { get; init; } = 512 * 1024;

    /// <summary>
    /// What a line costs: the memory that the producer holds for it, and at least a record's part of its shard's second when it is a record of
    /// its own. So what is under way is bounded in memory, and in the time that a signal waits for it.
    /// </summary>
    /// <param name="bytes">Its data and key.</param>
    public int CostOf(int bytes)
    {
        var held = bytes + ProducerOptions.RecordOverheadBytes;
        return Aggregate ? held : Math.Max(held, LeastRecordCost);
    }
}
