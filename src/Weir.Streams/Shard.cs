using Weir.Model;
using Weir.Streams.Throttling;

namespace Weir.Streams;

/// <summary>One shard of a stream. Immutable but for its throttle and traffic: closing makes a new object in a new <see cref="ShardMap"/>.</summary>
public sealed class Shard
{
    /// <summary>Identity inside the stream.</summary>
    public required ShardId Id { get; init; }

    /// <summary>The identity as the API spells it. Made once for each object.</summary>
    public string Name => field ??= Id.ToString();

    /// <summary>The hash keys that it takes while open; both ends inclusive.</summary>
    public required HashKeyRange HashKeys { get; init; }

    /// <summary>The shard that was split, or the lower one of a merge. It may have expired since.</summary>
    public ShardId? Parent { get; init; }

    /// <summary>The upper shard of a merge.</summary>
    public ShardId? AdjacentParent { get; init; }

    /// <summary>Creation time inside sequence numbers: one second after the parents closed, so that numbers rise along the family.</summary>
    public required long CreatedSeconds { get; init; }

    /// <summary>When the shard began to take records: the very moment at which its parents stopped. Filters compare with this.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When the shard stopped taking records; null while it is open.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Shared by all objects that stand for this shard over time.</summary>
    public required ShardThrottle Throttle { get; init; }

    /// <summary>What the shard has taken since the start. Shared by all objects that stand for this shard over time.</summary>
    public ShardTraffic Traffic { get; init; } = new();

    /// <summary>Whether the shard takes records.</summary>
    public bool IsOpen => ClosedAt is null;

    /// <summary>The number before every record.</summary>
    public SequenceNumber StartingSequenceNumber => SequenceNumber.Start(Id, CreatedSeconds);

    /// <summary>The number after every record of a closed shard; null while it is open.</summary>
    public SequenceNumber? EndingSequenceNumber => ClosedAt is null ? null : SequenceNumber.End(Id, CreatedSeconds, ClosedSeconds);

    /// <summary>Closing time inside sequence numbers; never before the creation time, which may run ahead of the clock after quick reshards.</summary>
    public long ClosedSeconds => Math.Max(CreatedSeconds, ClosedAt?.ToUnixTimeSeconds() ?? 0);

    /// <summary>The number of the record that has this index and time in the shard's log.</summary>
    public SequenceNumber NumberOf(long index, DateTimeOffset time) => new(CreatedSeconds, index, time.ToUnixTimeSeconds(), Id);

    /// <summary>The same shard, closed.</summary>
    public Shard Close(DateTimeOffset at) => new()
    {
        Id = Id,
        HashKeys = HashKeys,
        Parent = Parent,
        AdjacentParent = AdjacentParent,
        CreatedSeconds = CreatedSeconds,
        OpenedAt = OpenedAt,
        ClosedAt = at,
        Throttle = Throttle,
        Traffic = Traffic,
    };
}
