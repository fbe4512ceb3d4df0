using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>DescribeAccountSettings (spec section 7.1): the account's throughput commitment in this region. No errors of its own.</summary>
internal static class DescribeAccountSettings
{
    public static OperationResult<DescribeAccountSettingsResponse> Run(OperationContext context, DescribeAccountSettingsRequest request) =>
        new DescribeAccountSettingsResponse
        {
            MinimumThroughputBillingCommitment = AccountMessage.Of(context.Engine.Accounts.CommitmentOf(context.Account, context.Region)),
        };
}
