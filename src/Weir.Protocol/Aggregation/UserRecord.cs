using Weir.Model;

namespace Weir.Protocol.Aggregation;

/// <summary>One of the records that an aggregated record holds.</summary>
/// <param name="PartitionKey">Its partition key.</param>
/// <param name="ExplicitHashKey">The hash key that stands in for the partition key's, if the producer gave one.</param>
/// <param name="Data">Its payload: a slice of the aggregated record's, valid for as long as that is.</param>
public readonly record struct UserRecord(string PartitionKey, HashKey? ExplicitHashKey, ReadOnlyMemory<byte> Data)
{
    /// <summary>The hash key that decides to which shard the record belongs. Costs an MD5 when there is no explicit one.</summary>
    public HashKey EffectiveHashKey => ExplicitHashKey ?? HashKey.Of(PartitionKey);
}
