namespace Weir.Streams;

/// <summary>Who decides on the number of a stream's shards. The numbers are in the catalog.</summary>
public enum StreamMode
{
    /// <summary>Its owner, by splits, merges and scalings.</summary>
    Provisioned = 1,

    /// <summary>The traffic.</summary>
    OnDemand = 2,
}

/// <summary>What decides on the shard of a record. The numbers are in the catalog.</summary>
public enum RecordDistribution
{
    /// <summary>The record's partition key, or its explicit hash key.</summary>
    UserPartitionKey = 1,

    /// <summary>The server, which spreads records evenly; only for on-demand streams.</summary>
    Auto = 2,
}
