using Weir.Client;
using Weir.Producer.Records;
using Weir.Protocol.Messages;

namespace Weir.Producer.Sending;

/// <summary>Records that travel together, and what was answered.</summary>
internal sealed class PutRequest(TimeSpan startedAt)
{
    /// <summary>The records. Null in the place of one that has its outcome.</summary>
    public List<OutgoingRecord?> Records { get; } = [];

    /// <summary>Their lanes: how many records of which lane are on their way.</summary>
    public List<(Shards.ShardLane Lane, int Count)> Lanes { get; } = [];

    /// <summary>When it was sent.</summary>
    public TimeSpan StartedAt => startedAt;

    /// <summary>When the answer, or the failure, was there.</summary>
    public TimeSpan EndedAt { get; set; }

    /// <summary>What was answered for each record; null when the request failed as a whole.</summary>
    public IReadOnlyList<PutRecordsResultEntry>? Results { get; set; }

    /// <summary>Why the request failed as a whole.</summary>
    public KinesisException? Failure { get; set; }

    /// <summary>The producer's own end took the request with it.</summary>
    public bool IsStopped { get; set; }

    /// <summary>The sending. The send loop's.</summary>
    public Task Sending { get; set; } = Task.CompletedTask;

    /// <summary>Whether a record landed in another shard than it was made for.</summary>
    public bool FoundAnotherShard { get; set; }
}
