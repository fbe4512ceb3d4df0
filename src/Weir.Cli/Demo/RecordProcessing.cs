using Weir.Protocol.Messages;

namespace Weir.Cli.Demo;

/// <summary>What the consumers do with records: read them, count them into their windows, and note them for the audit. Thread-safe.</summary>
internal sealed class RecordProcessing(ReplayClock clock, DemoFigures figures, TimeProvider time)
{
    private readonly Lock _lock = new();

    // Under the lock, in the order of processing.
    private readonly List<ProcessedRecord> _processed = [];

    /// <summary>Everything processed, in order. Complete once the consumer has ended.</summary>
    public IReadOnlyList<ProcessedRecord> Processed
    {
        get
        {
            lock (_lock)
                return [.. _processed];
        }
    }

    /// <summary>Processes what a read brought.</summary>
    /// <exception cref="InvalidDataException">A record is not a row of the trace.</exception>
    public void Process(string shardId, IReadOnlyList<Record> records)
    {
        if (records.Count == 0)
            return;
        var rows = records.Select(record => DemoRecord.Decode(record.Data!.Value)).ToList();
        lock (_lock)
        {
            for (var i = 0; i < rows.Count; i++)
                _processed.Add(new ProcessedRecord(rows[i].Number, records[i].PartitionKey!, shardId));
        }

        var now = clock.Elapsed;
        var waited = time.GetUtcNow() - records[0].ApproximateArrivalTimestamp!.Value;
        figures.Processed(
            shardId, rows, waited > TimeSpan.Zero ? waited : TimeSpan.Zero, rows.Select(row => now - clock.DueAt(row.Time)));
    }
}
