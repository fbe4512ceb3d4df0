using Weir.Protocol;
using Weir.Streams;
using Weir.Streams.Consumers;

namespace Weir.Server.Operations;

/// <summary>What the operations that set and remove resource policies share.</summary>
internal static class PolicyChange
{
    /// <summary>Sets the policy of a stream, or of a consumer when there is one; null removes it.</summary>
    /// <returns>Null, or why it was not done.</returns>
    public static async ValueTask<KinesisError?> SetAsync(OperationContext context, DataStream stream, StreamConsumer? consumer, string? policy)
    {
        if (consumer is not null)
        {
            return await context.Engine.Consumers.SetPolicyAsync(stream, consumer, policy).ConfigureAwait(false)
                ? null
                : KinesisErrors.ConsumerNotActiveForPolicy(consumer.Arn);
        }

        return await context.Engine.Settings.SetPolicyAsync(stream, policy).ConfigureAwait(false) == SettingOutcome.Changed
            ? null
            : OperationContext.NotActive(stream);
    }
}
