namespace Weir.Streams;

/// <summary>The shard-level metrics that are switched on for a stream. The bits are in the catalog, in the order of the API's list.</summary>
[Flags]
public enum ShardMetrics
{
    /// <summary>None: the default.</summary>
    None = 0,

    /// <summary>Bytes accepted.</summary>
    IncomingBytes = 1 << 0,

    /// <summary>Records accepted.</summary>
    IncomingRecords = 1 << 1,

    /// <summary>Bytes given to readers.</summary>
    OutgoingBytes = 1 << 2,

    /// <summary>Records given to readers.</summary>
    OutgoingRecords = 1 << 3,

    /// <summary>Records refused for the shard's rate.</summary>
    WriteProvisionedThroughputExceeded = 1 << 4,

    /// <summary>Reads refused for the shard's rate.</summary>
    ReadProvisionedThroughputExceeded = 1 << 5,

    /// <summary>Age of the last record that a reader got.</summary>
    IteratorAgeMilliseconds = 1 << 6,

    /// <summary>Every one of them.</summary>
    All = (1 << 7) - 1,
}
