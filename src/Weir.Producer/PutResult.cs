namespace Weir.Producer;

/// <summary>Where a record is, and how it came there.</summary>
public readonly record struct PutResult
{
    /// <summary>Whether the record is stored. False only under <see cref="FullPolicy.Drop"/>, when the producer was full.</summary>
    public bool IsStored => SequenceNumber is not null;

    /// <summary>The shard, for example <c>shardId-000000000003</c>; null when the record was dropped.</summary>
    public string? ShardId { get; init; }

    /// <summary>The position in the shard, shared by all user records of an aggregate; null when the record was dropped.</summary>
    public string? SequenceNumber { get; init; }

    /// <summary>The position inside the aggregated record, from 0; null when the record was sent by itself.</summary>
    public int? SubSequenceNumber { get; init; }

    /// <summary>How often it was sent, the last time with success. Empty when the record was dropped.</summary>
    public IReadOnlyList<PutAttempt> Attempts => AttemptList ?? [];

    internal PutAttempt[]? AttemptList { get; init; }
}
