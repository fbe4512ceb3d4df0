namespace Weir.Producer;

/// <summary>What a put does while the producer's byte credit, or the part of the record's shard, is used up.</summary>
public enum FullPolicy
{
    /// <summary>It waits until there is credit again, in the order of the calls to each shard. This is the backpressure.</summary>
    Wait = 0,

    /// <summary>It fails at once, with <see cref="PutFailureReason.Full"/>.</summary>
    Fail = 1,

    /// <summary>The record is given up, and the result and the metrics say so.</summary>
    Drop = 2,
}
