using System.Text;
using Weir.Log;

namespace Weir.TestKit;

/// <summary>A record as a test reads it back.</summary>
public readonly record struct ReadRecord(long Index, string Text, DateTimeOffset Time);

/// <summary>Short ways to say what log tests say all the time.</summary>
public static class LogTestExtensions
{
    /// <summary>A batch with one block of text records for each shard.</summary>
    public static AppendBatch BatchOf(params (int Shard, string[] Records)[] blocks)
    {
        var batch = AppendBatch.Rent(blocks.Sum(block => block.Records.Sum(record => AppendBatch.RecordPrefixBytes + Encoding.UTF8.GetByteCount(record))));
        foreach (var (shard, records) in blocks)
        {
            batch.BeginBlock(shard);
            foreach (var record in records)
                Encoding.UTF8.GetBytes(record, batch.AddRecord(Encoding.UTF8.GetByteCount(record)));
        }

        return batch;
    }

    /// <summary>Appends text records to one shard and returns what became of them.</summary>
    public static async Task<AppendBlock> AppendAsync(this IRecordLog log, int shard, params string[] records)
    {
        using var batch = BatchOf((shard, records));
        await log.AppendAsync(batch);
        return batch.Blocks[0];
    }

    /// <summary>All records of a shard that are visible now.</summary>
    public static List<ReadRecord> ReadAll(this IRecordLog log, int shard, long fromIndex = 1)
    {
        using var reader = log.OpenReader(shard, fromIndex);
        return reader.ReadRest();
    }

    /// <summary>All records from the reader's position that are visible now.</summary>
    public static List<ReadRecord> ReadRest(this ILogReader reader)
    {
        var records = new List<ReadRecord>();
        while (reader.TryRead(out var frame))
        {
            var index = frame.FirstIndex;
            foreach (var record in frame)
                records.Add(new ReadRecord(index++, Encoding.UTF8.GetString(record.Span), frame.Time));
            Assert.Equal(frame.FirstIndex + frame.Count, index);
        }

        return records;
    }

    public static string[] Texts(this IEnumerable<ReadRecord> records) => [.. records.Select(record => record.Text)];
}
