using Weir.Model;
using Weir.Protocol.Messages;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>DescribeLimits (spec section 7.1): the account's counts and limits in this region. No errors of its own.</summary>
/// <remarks>
/// The shards of on-demand streams are not shown, as on Kinesis, though they count for the limit here. Channels are not here, so there
/// is none of them; a limit of channels is not told.
/// </remarks>
internal static class DescribeLimits
{
    public static OperationResult<DescribeLimitsResponse> Run(OperationContext context, DescribeLimitsRequest request) => new DescribeLimitsResponse
    {
        ShardLimit = KinesisLimits.MaxShardsPerAccount,
        OpenShardCount = context.Engine.OpenShards(context.Account, context.Region, StreamMode.Provisioned),
        OnDemandStreamCount = context.Engine.OnDemandStreams(context.Account, context.Region),
        OnDemandStreamCountLimit = KinesisLimits.MaxOnDemandStreams,
        ChannelCount = 0,
    };
}
