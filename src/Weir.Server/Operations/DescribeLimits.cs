using Weir.Model;
using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>DescribeLimits (spec section 7.1): the account's counts and limits in this region.</summary>
/// <remarks>On-demand streams and channels are not here, so there is none of them; a limit of channels is not told.</remarks>
internal static class DescribeLimits
{
    public static OperationResult<DescribeLimitsResponse> Run(OperationContext context, DescribeLimitsRequest request) => new DescribeLimitsResponse
    {
        ShardLimit = KinesisLimits.MaxShardsPerAccount,
        OpenShardCount = context.Engine.OpenShards(context.Account, context.Region),
        OnDemandStreamCount = 0,
        OnDemandStreamCountLimit = KinesisLimits.MaxOnDemandStreams,
        ChannelCount = 0,
    };
}
