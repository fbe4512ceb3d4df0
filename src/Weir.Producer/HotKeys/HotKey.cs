namespace Weir.Producer;

/// <summary>A partition key that takes a large share of its shard.</summary>
/// <param name="PartitionKey">The key.</param>
/// <param name="ShardId">The shard that its records go to.</param>
/// <param name="BytesPerSecond">Data and keys of its records in the last window, at least.</param>
/// <param name="RecordsPerSecond">Its user records in the last window, at least.</param>
/// <param name="Share">The part of the shard's rate that these are, from 0; above 1 the shard cannot keep up with this key alone.</param>
public sealed record HotKey(string PartitionKey, string ShardId, double BytesPerSecond, double RecordsPerSecond, double Share);
