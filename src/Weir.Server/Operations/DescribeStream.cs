using Weir.Model;
using Weir.Protocol.Messages;
using Weir.Streams;
using Weir.Streams.Listing;

namespace Weir.Server.Operations;

/// <summary>DescribeStream (spec section 7.1). Errors: ResourceNotFound, InvalidArgument. Works in any status.</summary>
internal static class DescribeStream
{
    public static OperationResult<DescribeStreamResponse> Run(OperationContext context, DescribeStreamRequest request)
    {
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } error)
            return error;
        ShardId? after = request.ExclusiveStartShardId is { } start && ShardId.TryNormalize(start, out var id) ? id : null;
        var limit = Math.Min(request.Limit ?? KinesisLimits.MaxDescribeStreamPage, KinesisLimits.MaxDescribeStreamPage);
        var snapshot = stream.Current;
        var more = false;
        // A stream shows no shards while it comes and goes.
        var page = snapshot.Row.Status is StreamStatus.Creating or StreamStatus.Deleting
            ? []
            : ShardListing.Page(snapshot, new Streams.Listing.ShardFilter(ShardFilterKind.FromTrimHorizon), after, limit, context.Now, out more);
        return new DescribeStreamResponse
        {
            StreamDescription = new StreamDescription
            {
                StreamName = stream.Name.Name,
                StreamARN = stream.Name.Arn,
                StreamStatus = OperationContext.StatusText(snapshot.Row.Status),
                StreamModeDetails = StreamMessage.ModeOf(snapshot.Row),
                Shards = [.. page.Select(ShardMessage.Of)],
                HasMoreShards = more,
                RetentionPeriodHours = snapshot.Row.RetentionHours,
                StreamCreationTimestamp = snapshot.Row.CreatedAt,
                EnhancedMonitoring = StreamMessage.MonitoringOf(snapshot.Row),
                EncryptionType = StreamMessage.EncryptionTypeOf(snapshot.Row),
                KeyId = snapshot.Row.KeyId,
            },
        };
    }
}
