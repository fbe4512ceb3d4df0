using System.Diagnostics;
using Weir.Model;

namespace Weir.Server.Metrics;

/// <summary>Names of the tags, and the tags of a stream.</summary>
/// <remarks>
/// A stream's series say its region, because a server keeps the regions apart and has one name in several of them; that makes no more
/// series, since a stream is in one region. They say its account only when it is not the server's: of one server all streams are in one
/// account unless its account was changed. Partition keys, client addresses and access keys are never tags: they have no bound.
/// </remarks>
internal static class SeriesTags
{
    public const string StreamName = "StreamName";
    public const string Region = "Region";
    public const string AccountId = "AccountId";
    public const string ShardId = "ShardId";
    public const string ConsumerName = "ConsumerName";
    public const string Operation = "Operation";
    public const string ErrorCode = "ErrorCode";

    /// <summary>The tags of a stream's series. Nothing is allocated.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="account">The server's account.</param>
    public static TagList OfStream(in StreamName stream, string account)
    {
        var tags = new TagList { { StreamName, stream.Name }, { Region, stream.Region } };
        if (stream.Account != account)
            tags.Add(AccountId, stream.Account);
        return tags;
    }
}
