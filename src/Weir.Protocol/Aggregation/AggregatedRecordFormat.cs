namespace Weir.Protocol.Aggregation;

/// <summary>The bytes of an aggregated record, as the KPL writes them (spec section 10.1).</summary>
/// <remarks>
/// <code>
/// offset 0     4 bytes   magic F3 89 9A C2
/// offset 4     n bytes   protobuf message AggregatedRecord
/// offset 4+n   16 bytes  MD5 of those n bytes
/// </code>
/// The message: the distinct partition keys (field 1), the distinct explicit hash keys (field 2), and the user records (field 3), each
/// with the index of its key (1), perhaps of its explicit hash key (2), its data (3) and tags (4), which nobody uses.
/// </remarks>
internal static class AggregatedRecordFormat
{
    /// <summary>How an aggregated record begins.</summary>
    public static ReadOnlySpan<byte> Magic => [0xF3, 0x89, 0x9A, 0xC2];

    /// <summary>Bytes of the checksum at the end.</summary>
    public const int ChecksumBytes = 16;

    /// <summary>Fields of the message.</summary>
    public const int PartitionKeys = 1, ExplicitHashKeys = 2, UserRecords = 3;

    /// <summary>Fields of a user record.</summary>
    public const int PartitionKeyIndex = 1, ExplicitHashKeyIndex = 2, Data = 3, Tags = 4;

    /// <summary>The required field of a tag.</summary>
    public const int TagKey = 1;
}
