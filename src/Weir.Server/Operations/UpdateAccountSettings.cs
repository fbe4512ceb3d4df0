using Weir.Protocol;
using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>UpdateAccountSettings (spec sections 6.6, 7.1): begins or ends the account's throughput commitment in this region. Errors: Validation.</summary>
internal static class UpdateAccountSettings
{
    public static async ValueTask<OperationResult<UpdateAccountSettingsResponse>> RunAsync(OperationContext context, UpdateAccountSettingsRequest request)
    {
        var enabled = request.MinimumThroughputBillingCommitment!.Status == MinimumThroughputBillingCommitmentInputStatuses.Enabled;
        if (await context.Engine.Accounts.SetCommitmentAsync(context.Account, context.Region, enabled).ConfigureAwait(false) is not { } commitment)
            return KinesisErrors.CommitmentInUse(context.Account);
        return new UpdateAccountSettingsResponse { MinimumThroughputBillingCommitment = AccountMessage.Of(commitment) };
    }
}
