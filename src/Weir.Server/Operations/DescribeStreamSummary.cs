using Weir.Protocol.Messages;

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
                StreamModeDetails = new StreamModeDetails { StreamMode = StreamModes.Provisioned },
                RetentionPeriodHours = snapshot.Row.RetentionHours,
                StreamCreationTimestamp = snapshot.Row.CreatedAt,
                EnhancedMonitoring = [new EnhancedMetrics { ShardLevelMetrics = [] }],
                EncryptionType = EncryptionTypes.None,
                OpenShardCount = snapshot.Shards.Open.Count,
                ConsumerCount = 0,
                MaxRecordSizeInKiB = snapshot.Row.MaxRecordKib,
                ChannelCount = 0,
            },
        };
    }
}
