using Weir.Model;

namespace Weir.Streams.Accounts;

/// <summary>States of a throughput commitment. The catalog stores the numbers.</summary>
public enum CommitmentStatus
{
    /// <summary>There is none.</summary>
    Disabled = 1,

    /// <summary>There is one, until its owner ends it.</summary>
    Enabled = 2,

    /// <summary>There is one; its owner has ended it for the earliest moment that is allowed.</summary>
    EnabledUntilEarliestEnd = 3,
}

/// <summary>An account's commitment to a minimum of billed throughput in a region (spec section 6.6). Nothing is billed here; other things depend on it.</summary>
/// <remarks>Immutable. A scheduled end needs no timer: <see cref="At"/> says what has become of a commitment.</remarks>
/// <param name="Status">Where in its life it is, as it was last changed.</param>
/// <param name="StartedAt">When it began; null when there never was one.</param>
/// <param name="EndedAt">When it ended; null while there is one.</param>
/// <param name="EarliestEndAt">Before this it cannot end.</param>
public sealed record Commitment(CommitmentStatus Status, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, DateTimeOffset? EarliestEndAt)
{
    /// <summary>An account that never committed itself.</summary>
    public static readonly Commitment None = new(CommitmentStatus.Disabled, null, null, null);

    /// <summary>Whether the account is committed, be it until a known end.</summary>
    public bool IsOn => Status != CommitmentStatus.Disabled;

    /// <summary>The commitment as it is at a moment: one whose scheduled end has come is over.</summary>
    public Commitment At(DateTimeOffset now) => Status == CommitmentStatus.EnabledUntilEarliestEnd && now >= EarliestEndAt
        ? this with { Status = CommitmentStatus.Disabled, EndedAt = EarliestEndAt, EarliestEndAt = null }
        : this;

    /// <summary>The commitment after its owner asked for it; a scheduled end is called off.</summary>
    public Commitment Enable(DateTimeOffset now)
    {
        var present = At(now);
        return present.IsOn
            ? present with { Status = CommitmentStatus.Enabled }
            : new Commitment(CommitmentStatus.Enabled, now, EndedAt: null, now + KinesisLimits.ShortestCommitment);
    }

    /// <summary>The commitment after its owner asked for its end, which comes at once or is scheduled.</summary>
    public Commitment Disable(DateTimeOffset now)
    {
        var present = At(now);
        return !present.IsOn ? present
            : now < present.EarliestEndAt ? present with { Status = CommitmentStatus.EnabledUntilEarliestEnd }
            : present with { Status = CommitmentStatus.Disabled, EndedAt = now, EarliestEndAt = null };
    }
}
