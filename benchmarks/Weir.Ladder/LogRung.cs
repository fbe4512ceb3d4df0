using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Log.Storage;

namespace Weir.Ladder;

/// <summary>The log alone: frames, group commit, segments; no streams and no protocol.</summary>
internal sealed class LogRung : IRung
{
    public const string Name = "log";

    // Shards that are not among those of the puts.
    private const int PageShard = 100;
    private const int EventShard = 101;

    private readonly SegmentedLogStore _store;
    private readonly IRecordLog _log;
    private readonly ILogReader _events;
    private long _nextEvent = 1;

    private LogRung(SegmentedLogStore store, IRecordLog log)
    {
        (_store, _log) = (store, log);
        _events = log.OpenReader(EventShard, _nextEvent);
        Steps =
        [
            new Step(new StepName(Name, Operations.PutRecord, ""), () => AppendAsync(shard: 0, shards: 1, records: 1)),
            new Step(new StepName(Name, Operations.PutRecords, ""), () => AppendAsync(shard: 0, Workload.Shards, Workload.BatchRecords)),
            new Step(new StepName(Name, Operations.GetRecords, ""), ReadPage),
            new Step(new StepName(Name, Operations.SubscribeToShard, ""), AppendAndFollowAsync),
        ];
    }

    public IReadOnlyList<Step> Steps { get; }

    public static async Task<LogRung> OpenAsync(DirectoryInfo directory, Durability durability)
    {
        var store = new SegmentedLogStore(
            new PhysicalDirectory(directory.FullName), new LogOptions { Durability = durability }, TimeProvider.System, NullLoggerFactory.Instance);
        var rung = new LogRung(store, await store.OpenAsync(new LogId(1), CancellationToken.None).ConfigureAwait(false));
        for (var stored = 0; stored < Workload.PageRecords; stored += Workload.BatchRecords)
            await rung.AppendAsync(PageShard, shards: 1, Workload.BatchRecords).ConfigureAwait(false);
        return rung;
    }

    public async ValueTask DisposeAsync()
    {
        _events.Dispose();
        await _store.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask AppendAsync(int shard, int shards, int records)
    {
        using var batch = AppendBatch.Rent(records * (Workload.RecordBytes + AppendBatch.RecordPrefixBytes));
        for (var (block, next) = (0, 0); block < shards; block++)
        {
            batch.BeginBlock(shard + block);
            for (var end = records * (block + 1) / shards; next < end; next++)
                Workload.Data[next].CopyTo(batch.AddRecord(Workload.RecordBytes));
        }

        await _log.AppendAsync(batch).ConfigureAwait(false);
        foreach (ref var block in batch.Blocks)
            Check.That(block.Outcome == AppendOutcome.Appended);
    }

    private ValueTask ReadPage()
    {
        using var reader = _log.OpenReader(PageShard, fromIndex: 1);
        var (records, bytes) = (0, 0L);
        while (records < Workload.PageRecords && reader.TryRead(out var frame))
        {
            foreach (var record in frame)
                bytes += record.Length;
            records += frame.Count;
        }

        Check.That(bytes == (long)Workload.PageRecords * Workload.RecordBytes);
        return ValueTask.CompletedTask;
    }

    private async ValueTask AppendAndFollowAsync()
    {
        var change = _log.WaitForChangeAsync(EventShard, _nextEvent, CancellationToken.None);
        await AppendAsync(EventShard, shards: 1, records: 1).ConfigureAwait(false);
        await change.ConfigureAwait(false);
        Check.That(_events.TryRead(out var frame) && frame.Count == 1);
        _nextEvent = frame.FirstIndex + 1;
    }
}
