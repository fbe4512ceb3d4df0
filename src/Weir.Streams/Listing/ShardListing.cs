using Weir.Log;
using Weir.Model;
using Weir.Streams.Reading;

namespace Weir.Streams.Listing;

/// <summary>Pages through a stream's shards in order of id; stays right when shards come and go between pages.</summary>
public static class ShardListing
{
    /// <summary>Up to <paramref name="limit"/> shards with an id above <paramref name="after"/> that the filter shows.</summary>
    /// <param name="snapshot">The stream.</param>
    /// <param name="filter">Which shards.</param>
    /// <param name="after">Where the page before ended; null for the first.</param>
    /// <param name="limit">At least 1.</param>
    /// <param name="now">Decides what has expired.</param>
    /// <param name="more">Whether another page has something to show.</param>
    public static IReadOnlyList<Shard> Page(
        DataStream.Snapshot snapshot, ShardFilter filter, ShardId? after, int limit, DateTimeOffset now, out bool more)
    {
        var horizon = snapshot.Horizon(now);
        if (horizon < snapshot.Row.CreatedAt)
            horizon = snapshot.Row.CreatedAt;
        var all = snapshot.Shards.All;
        var page = new List<Shard>();
        more = false;
        for (var i = after is { } last ? snapshot.Shards.IndexAfter(last) : 0; i < all.Count; i++)
        {
            if (!filter.Shows(all[i], horizon))
                continue;
            if (page.Count == limit)
            {
                more = true;
                break;
            }

            page.Add(all[i]);
        }

        return page;
    }
}

/// <summary>The NextToken of ListShards: the stream, the filter and where the last page ended.</summary>
public sealed record ShardListingToken(LogId StreamId, StreamName Stream, ShardFilter Filter, ShardId After, DateTimeOffset IssuedAt)
{
    /// <summary>The opaque text.</summary>
    public string Seal(TokenSeal seal)
    {
        var body = new TokenBody();
        body.Write(StreamId.Value);
        body.Write((long)Filter.Kind);
        body.Write(Filter.Timestamp.ToUnixTimeMilliseconds());
        body.Write(Filter.After?.Number ?? -1);
        body.Write(After.Number);
        body.Write(IssuedAt.ToUnixTimeMilliseconds());
        body.Write(Stream);
        return seal.Seal(TokenKind.ListShards, body.Written);
    }

    /// <summary>Opens what <see cref="Seal"/> made; null when the text is no token of this server.</summary>
    public static ShardListingToken? Open(TokenSeal seal, string text)
    {
        if (seal.Open(TokenKind.ListShards, text) is not { } bytes)
            return null;
        var body = new TokenBody.Reader(bytes);
        var id = new LogId(body.ReadInt64());
        var kind = (ShardFilterKind)body.ReadInt64();
        var timestamp = DateTimeOffset.FromUnixTimeMilliseconds(body.ReadInt64());
        var filterAfter = (int)body.ReadInt64();
        var after = new ShardId((int)body.ReadInt64());
        var issued = DateTimeOffset.FromUnixTimeMilliseconds(body.ReadInt64());
        var filter = new ShardFilter(kind, timestamp, filterAfter < 0 ? null : new ShardId(filterAfter));
        return new ShardListingToken(id, body.ReadStreamName(), filter, after, issued);
    }
}

/// <summary>The NextToken of ListStreams: where the last page ended.</summary>
public sealed record StreamListingToken(string After, DateTimeOffset IssuedAt)
{
    /// <summary>The opaque text.</summary>
    public string Seal(TokenSeal seal)
    {
        var body = new TokenBody();
        body.Write(IssuedAt.ToUnixTimeMilliseconds());
        body.Write(After);
        return seal.Seal(TokenKind.ListStreams, body.Written);
    }

    /// <summary>Opens what <see cref="Seal"/> made; null when the text is no token of this server.</summary>
    public static StreamListingToken? Open(TokenSeal seal, string text)
    {
        if (seal.Open(TokenKind.ListStreams, text) is not { } bytes)
            return null;
        var body = new TokenBody.Reader(bytes);
        var issued = DateTimeOffset.FromUnixTimeMilliseconds(body.ReadInt64());
        return new StreamListingToken(body.ReadText(), issued);
    }
}
