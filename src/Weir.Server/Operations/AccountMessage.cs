using Weir.Protocol.Messages;
using Weir.Streams.Accounts;

namespace Weir.Server.Operations;

/// <summary>The settings of an account as the API shows them.</summary>
internal static class AccountMessage
{
    /// <summary>A commitment; the times that it has not are left out.</summary>
    public static MinimumThroughputBillingCommitmentOutput Of(Commitment commitment) => new()
    {
        Status = commitment.Status switch
        {
            CommitmentStatus.Enabled => MinimumThroughputBillingCommitmentOutputStatuses.Enabled,
            CommitmentStatus.EnabledUntilEarliestEnd => MinimumThroughputBillingCommitmentOutputStatuses.EnabledUntilEarliestAllowedEnd,
            _ => MinimumThroughputBillingCommitmentOutputStatuses.Disabled,
        },
        StartedAt = commitment.StartedAt,
        EndedAt = commitment.EndedAt,
        EarliestAllowedEndAt = commitment.EarliestEndAt,
    };
}
