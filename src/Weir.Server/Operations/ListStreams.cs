using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams.Listing;

namespace Weir.Server.Operations;

/// <summary>ListStreams (spec section 7.1). Errors: InvalidArgument, ExpiredNextToken.</summary>
internal static class ListStreams
{
    public static OperationResult<ListStreamsResponse> Run(OperationContext context, ListStreamsRequest request)
    {
        var after = request.ExclusiveStartStreamName;
        var now = context.Now;
        if (request.NextToken is { } text)
        {
            if (StreamListingToken.Open(context.Engine.Tokens, text) is not { } token)
                return KinesisErrors.InvalidNextToken;
            if (now - token.IssuedAt > KinesisLimits.NextTokenLifetime)
                return KinesisErrors.NextTokenExpired(token.IssuedAt, now);
            // With both given the token wins.
            after = token.After;
        }

        var limit = Math.Min(request.Limit ?? KinesisLimits.MaxListStreamsPage, KinesisLimits.MaxListStreamsPage);
        var page = context.Engine.Streams.List(context.Account, context.Region, after, limit, out var more);
        return new ListStreamsResponse
        {
            StreamNames = [.. page.Select(stream => stream.Name.Name)],
            HasMoreStreams = more,
            NextToken = more ? new StreamListingToken(page[^1].Name.Name, now).Seal(context.Engine.Tokens) : null,
            StreamSummaries = [.. page.Select(stream => new StreamSummary
            {
                StreamName = stream.Name.Name,
                StreamARN = stream.Name.Arn,
                StreamStatus = OperationContext.StatusText(stream.Current.Row.Status),
                StreamModeDetails = StreamMessage.ModeOf(stream.Current.Row),
                StreamCreationTimestamp = stream.CreatedAt,
            })],
        };
    }
}
