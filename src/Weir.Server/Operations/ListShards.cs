using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams;
using Weir.Streams.Listing;
using ShardFilter = Weir.Streams.Listing.ShardFilter;

namespace Weir.Server.Operations;

/// <summary>ListShards (spec section 7.4). Errors: InvalidArgument, ExpiredNextToken, ResourceNotFound, ResourceInUse.</summary>
internal static class ListShards
{
    public static OperationResult<ListShardsResponse> Run(OperationContext context, ListShardsRequest request)
    {
        var first = request.NextToken is null ? Begin(context, request) : Continue(context, request, request.NextToken);
        if (first.Response is not { } start)
            return first.Error!;
        var limit = Math.Min(request.MaxResults ?? KinesisLimits.MaxListShardsPage, KinesisLimits.MaxListShardsPage);
        var page = ShardListing.Page(start.Stream.Current, start.Filter, start.After, limit, context.Now, out var more);
        return new ListShardsResponse
        {
            Shards = [.. page.Select(ShardMessage.Of)],
            NextToken = more
                ? new ShardListingToken(start.Stream.Id, start.Stream.Name, start.Filter, page[^1].Id, context.Now).Seal(context.Engine.Tokens)
                : null,
        };
    }

    private static OperationResult<Start> Begin(OperationContext context, ListShardsRequest request)
    {
        if (request.StreamName is null && request.StreamARN is null)
            return KinesisErrors.ListShardsOfNothing;
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } missing)
            return missing;
        if (request.StreamCreationTimestamp is { } created && created.ToUnixTimeSeconds() != stream.CreatedAt.ToUnixTimeSeconds())
            return KinesisErrors.StreamNotFound(stream.Name);
        if (!IsListed(stream))
            return OperationContext.NotActive(stream);
        if (FilterOf(request.ShardFilter, out var filter) is { } wrongFilter)
            return wrongFilter;
        ShardId? after = null;
        if (request.ExclusiveStartShardId is { } text && ShardId.TryNormalize(text, out var id))
            after = id;
        return new Start(stream, filter, after);
    }

    private static OperationResult<Start> Continue(OperationContext context, ListShardsRequest request, string text)
    {
        if (request.StreamName is not null)
            return KinesisErrors.NextTokenNotAlone(nameof(request.StreamName));
        if (request.StreamCreationTimestamp is not null)
            return KinesisErrors.NextTokenNotAlone(nameof(request.StreamCreationTimestamp));
        if (request.ExclusiveStartShardId is not null)
            return KinesisErrors.NextTokenNotAlone(nameof(request.ExclusiveStartShardId));
        if (request.ShardFilter is not null)
            return KinesisErrors.NextTokenNotAlone(nameof(request.ShardFilter));
        if (ShardListingToken.Open(context.Engine.Tokens, text) is not { } token)
            return KinesisErrors.InvalidNextToken;
        if (request.StreamARN is { } arn && arn != token.Stream.Arn)
            return KinesisErrors.InvalidNextToken;
        if (context.Now - token.IssuedAt > KinesisLimits.NextTokenLifetime)
            return KinesisErrors.NextTokenExpired(token.IssuedAt, context.Now);
        // A stream of the same name that was created since is another.
        if (context.Engine.Streams.Find(token.StreamId) is not { } stream)
            return KinesisErrors.StreamNotFound(token.Stream);
        return IsListed(stream) ? new Start(stream, token.Filter, token.After) : OperationContext.NotActive(stream);
    }

    private static bool IsListed(DataStream stream) => stream.Current.Row.Status is StreamStatus.Active or StreamStatus.Updating;

    private static KinesisError? FilterOf(Protocol.Messages.ShardFilter? given, out ShardFilter filter)
    {
        filter = new ShardFilter(ShardFilterKind.FromTrimHorizon);
        if (given is null)
            return null;
        var kind = given.Type switch
        {
            ShardFilterTypes.AtTrimHorizon => ShardFilterKind.AtTrimHorizon,
            ShardFilterTypes.AtLatest => ShardFilterKind.AtLatest,
            ShardFilterTypes.AtTimestamp => ShardFilterKind.AtTimestamp,
            ShardFilterTypes.FromTimestamp => ShardFilterKind.FromTimestamp,
            ShardFilterTypes.AfterShardId => ShardFilterKind.AfterShardId,
            _ => ShardFilterKind.FromTrimHorizon,
        };
        var wantsTime = kind is ShardFilterKind.AtTimestamp or ShardFilterKind.FromTimestamp;
        var wantsShard = kind is ShardFilterKind.AfterShardId;
        if (CheckMember(given.Type!, nameof(given.Timestamp), wanted: wantsTime, isGiven: given.Timestamp is not null) is { } wrongTime)
            return wrongTime;
        if (CheckMember(given.Type!, nameof(given.ShardId), wanted: wantsShard, isGiven: given.ShardId is not null) is { } wrongShard)
            return wrongShard;
        ShardId? after = given.ShardId is { } text && ShardId.TryNormalize(text, out var id) ? id : null;
        filter = new ShardFilter(kind, given.Timestamp ?? default, after);
        return null;
    }

    private static KinesisError? CheckMember(string type, string member, bool wanted, bool isGiven) =>
        wanted == isGiven ? null
        : wanted ? KinesisErrors.ShardFilterLacks(type, member)
        : KinesisErrors.ShardFilterHasTooMuch(type, member);

    /// <summary>Where a page starts.</summary>
    private sealed record Start(DataStream Stream, ShardFilter Filter, ShardId? After);
}
