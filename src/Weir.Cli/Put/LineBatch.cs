using System.Text;
using Weir.Protocol.Aggregation;

namespace Weir.Cli.Put;

/// <summary>Lines that follow each other, as records.</summary>
/// <param name="firstLine">The number of the first one, from 1.</param>
internal sealed class LineBatch(long firstLine)
{
    private readonly List<UserRecord> _records = [];

    /// <summary>The records, in the order of their lines.</summary>
    public IReadOnlyList<UserRecord> Records => _records;

    /// <summary>What its lines cost together, as <see cref="BatchLimits.CostOf"/> says.</summary>
    public int Cost { get; private set; }

    /// <summary>The number of the line that a record was made of.</summary>
    /// <param name="index">The record's place in the batch.</param>
    public long LineOf(int index) => firstLine + index;

    /// <summary>Adds the record of the next line.</summary>
    public void Add(UserRecord record, int cost)
    {
        _records.Add(record);
        Cost += cost;
    }

    /// <summary>Bytes of a record that every limit of the service counts: data and key.</summary>
    public static int SizeOf(UserRecord record) => record.Data.Length + Encoding.UTF8.GetByteCount(record.PartitionKey);
}
