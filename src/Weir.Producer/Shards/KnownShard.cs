using Weir.Model;

namespace Weir.Producer.Shards;

/// <summary>A shard as ListShards names it.</summary>
/// <param name="Id">Its id, as it is.</param>
/// <param name="Range">Its hash keys.</param>
internal sealed record KnownShard(string Id, HashKeyRange Range);
