using Weir.Protocol.Aggregation;

namespace Weir.Producer.Records;

/// <summary>What an aggregate is gathered in: its bytes and the records that wait for its outcome. Pooled.</summary>
internal sealed class AggregateBuffer(int maxBytes)
{
    /// <summary>The bytes.</summary>
    public AggregatedRecordWriter Writer { get; } = new(maxBytes);

    /// <summary>The records, in order.</summary>
    public List<PendingRecord> Records { get; } = [];
}
