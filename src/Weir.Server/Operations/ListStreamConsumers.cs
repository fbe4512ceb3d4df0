using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams.Listing;

namespace Weir.Server.Operations;

/// <summary>ListStreamConsumers (spec section 7.6): in order of name. Errors: ResourceNotFound, InvalidArgument, ExpiredNextToken.</summary>
internal static class ListStreamConsumers
{
    public static OperationResult<ListStreamConsumersResponse> Run(OperationContext context, ListStreamConsumersRequest request)
    {
        var now = context.Now;
        ConsumerListingToken? token = null;
        if (request.NextToken is { } text)
        {
            if (request.StreamCreationTimestamp is not null)
                return KinesisErrors.NextTokenNotAlone(nameof(request.StreamCreationTimestamp));
            token = ConsumerListingToken.Open(context.Engine.Tokens, text);
            if (token is null || token.Stream.Arn != request.StreamARN)
                return KinesisErrors.InvalidNextToken;
            if (now - token.IssuedAt > KinesisLimits.NextTokenLifetime)
                return KinesisErrors.NextTokenExpired(token.IssuedAt, now);
        }

        if (context.Find(name: null, request.StreamARN, out var stream) is { } missing)
            return missing;
        // A stream of the same name that was created since is another.
        var otherStream = token is not null && token.StreamId != stream.Id;
        if (otherStream || (request.StreamCreationTimestamp is { } created && created.ToUnixTimeSeconds() != stream.CreatedAt.ToUnixTimeSeconds()))
            return KinesisErrors.StreamNotFound(stream.Name);
        var limit = Math.Min(request.MaxResults ?? KinesisLimits.MaxListConsumersPage, KinesisLimits.MaxListConsumersPage);
        var page = stream.Current.Consumers.Page(token?.After, limit, out var more);
        return new ListStreamConsumersResponse
        {
            Consumers = [.. page.Select(ConsumerMessage.Of)],
            NextToken = more ? new ConsumerListingToken(stream.Id, stream.Name, page[^1].Name, now).Seal(context.Engine.Tokens) : null,
        };
    }
}
