using System.Collections;
using Weir.Producer.Records;
using Weir.Protocol.Messages;

namespace Weir.Producer.Sending;

/// <summary>Outgoing records as the entries of a PutRecords. Each is made when it is looked at, and can be forgotten once it is written: a request under way keeps none.</summary>
internal sealed class PutEntries(IReadOnlyList<OutgoingRecord?> records) : IReadOnlyList<PutRecordsRequestEntry>
{
    /// <inheritdoc />
    public int Count => records.Count;

    /// <inheritdoc />
    public PutRecordsRequestEntry this[int index] => EntryOf(records[index]!);

    /// <inheritdoc />
    public IEnumerator<PutRecordsRequestEntry> GetEnumerator()
    {
        foreach (var record in records)
            yield return EntryOf(record!);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static PutRecordsRequestEntry EntryOf(OutgoingRecord record) => new()
    {
        Data = record.Payload(),
        PartitionKey = record.PartitionKey,
        ExplicitHashKey = record.ExplicitHashKey,
    };
}
