using Weir.Model;

namespace Weir.Streams;

/// <summary>The records of one put, as the protocol layer decoded them. Indexes run from 0 to <see cref="Count"/> - 1.</summary>
/// <remarks>Read by one caller, only until the append begins to wait: what it gives is copied before that.</remarks>
public interface IRecordSource
{
    /// <summary>Number of records.</summary>
    int Count { get; }

    /// <summary>The hash key that places the record: explicit, or of its partition key. Not asked for where the server places records itself.</summary>
    HashKey HashKey(int index);

    /// <summary>The partition key in UTF-8; empty for a record without one.</summary>
    ReadOnlySpan<byte> PartitionKey(int index);

    /// <summary>The payload.</summary>
    ReadOnlySpan<byte> Data(int index);
}
