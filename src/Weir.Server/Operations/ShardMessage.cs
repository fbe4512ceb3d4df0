using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>A shard as responses show it.</summary>
internal static class ShardMessage
{
    public static Shard Of(Streams.Shard shard) => new()
    {
        ShardId = shard.Id.ToString(),
        ParentShardId = shard.Parent?.ToString(),
        AdjacentParentShardId = shard.AdjacentParent?.ToString(),
        HashKeyRange = HashKeys(shard),
        SequenceNumberRange = new SequenceNumberRange
        {
            StartingSequenceNumber = shard.StartingSequenceNumber.ToString(),
            EndingSequenceNumber = shard.EndingSequenceNumber?.ToString(),
        },
    };

    /// <summary>A shard as the end of its parent shows it.</summary>
    public static ChildShard ChildOf(Streams.Shard shard) => new()
    {
        ShardId = shard.Id.ToString(),
        ParentShards = [.. new[] { shard.Parent, shard.AdjacentParent }.Where(parent => parent is not null).Select(parent => parent.ToString()!)],
        HashKeyRange = HashKeys(shard),
    };

    private static HashKeyRange HashKeys(Streams.Shard shard) => new()
    {
        StartingHashKey = shard.HashKeys.Start.ToString(),
        EndingHashKey = shard.HashKeys.End.ToString(),
    };
}
