using Weir.Protocol.Messages;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>DescribeStreamSummary (spec section 7.1). Errors: ResourceNotFound, InvalidArgument. Works in any status.</summary>
internal static class DescribeStreamSummary
{
    public static OperationResult<DescribeStreamSummaryResponse> Run(OperationContext context, DescribeStreamSummaryRequest request)
    {
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } error)
            return error;
        var snapshot = stream.Current;
        return new DescribeStreamSummaryResponse
        {
            StreamDescriptionSummary = new StreamDescriptionSummary
            {
                StreamName = stream.Name.Name,
                StreamARN = stream.Name.Arn,
                StreamStatus = OperationContext.StatusText(snapshot.Row.Status),
                StreamModeDetails = StreamMessage.ModeOf(snapshot.Row),
                RetentionPeriodHours = snapshot.Row.RetentionHours,
                StreamCreationTimestamp = snapshot.Row.CreatedAt,
                EnhancedMonitoring = StreamMessage.MonitoringOf(snapshot.Row),
                EncryptionType = StreamMessage.EncryptionTypeOf(snapshot.Row),
                KeyId = snapshot.Row.KeyId,
                OpenShardCount = snapshot.Shards.Open.Count,
                ConsumerCount = snapshot.Consumers.Count,
                WarmThroughput = ShowsWarmThroughput(context, stream) ? StreamMessage.WarmThroughputOf(snapshot) : null,
                RecordDistributionStrategy = StreamMessage.DistributionOf(snapshot.Row),
                MaxRecordSizeInKiB = snapshot.Row.MaxRecordKib,
                ChannelCount = 0,
            },
        };
    }

    // Only of on-demand streams in accounts that have committed themselves (spec section 6.6).
    private static bool ShowsWarmThroughput(OperationContext context, DataStream stream) =>
        stream.Current.Row.Mode == StreamMode.OnDemand && context.Engine.Accounts.CommitmentOf(stream.Name.Account, stream.Name.Region).IsOn;
}
