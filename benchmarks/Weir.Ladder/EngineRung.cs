using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Log.Storage;
using Weir.Model;
using Weir.Streams;
using Weir.Streams.Catalog;
using Weir.Streams.Reading;
using Weir.Streams.Subscriptions;

namespace Weir.Ladder;

/// <summary>Streams and shards over the log: routing, copying, sequence numbers, subscriptions; no protocol.</summary>
internal sealed class EngineRung : IRung
{
    public const string Name = "engine";

    private readonly StreamEngine _engine;
    private readonly DataStream _stream;
    private readonly DataStream _pages;
    private readonly DataStream _events;
    private readonly RecordSource _one = new(count: 1);
    private readonly RecordSource _batch = new(Workload.BatchRecords);
    private Subscription? _subscription;

    private EngineRung(StreamEngine engine)
    {
        _engine = engine;
        (_stream, _pages, _events) = (Find(Workload.Stream), Find(Workload.PageStream), Find(Workload.EventStream));
        Steps =
        [
            new Step(new StepName(Name, Operations.PutRecord, ""), () => PutAsync(_stream, _one)),
            new Step(new StepName(Name, Operations.PutRecords, ""), () => PutAsync(_stream, _batch)),
            new Step(new StepName(Name, Operations.GetRecords, ""), ReadPage),
            new Step(new StepName(Name, Operations.SubscribeToShard, ""), PutAndFollowAsync),
        ];
    }

    public IReadOnlyList<Step> Steps { get; }

    public static async Task<EngineRung> OpenAsync(DirectoryInfo directory, Durability durability)
    {
        var logs = new SegmentedLogStore(
            new PhysicalDirectory(directory.CreateSubdirectory("logs").FullName), new LogOptions { Durability = durability }, TimeProvider.System, NullLoggerFactory.Instance);
        var engine = await StreamEngine.StartAsync(
            StreamCatalog.Open(Path.Combine(directory.FullName, "catalog.db")), logs, new StreamsOptions { EnforceRates = false },
            TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None).ConfigureAwait(false);
        foreach (var (name, shards) in new[] { (Workload.Stream, Workload.Shards), (Workload.PageStream, 1), (Workload.EventStream, 1) })
            await engine.Lifecycle.CreateAsync(new NewStream(NameOf(name), shards), CancellationToken.None).ConfigureAwait(false);
        await engine.SettleAsync(CancellationToken.None).ConfigureAwait(false);
        var rung = new EngineRung(engine);
        for (var stored = 0; stored < Workload.PageRecords; stored += Workload.BatchRecords)
            await rung.PutAsync(rung._pages, rung._batch).ConfigureAwait(false);
        await rung.SubscribeAsync().ConfigureAwait(false);
        return rung;
    }

    public async ValueTask DisposeAsync()
    {
        _subscription?.Dispose();
        await _engine.DisposeAsync().ConfigureAwait(false);
    }

    private static StreamName NameOf(string name) => new("000000000000", "us-east-1", name);

    private DataStream Find(string name) => _engine.Streams.Find(NameOf(name))!;

    private async Task SubscribeAsync()
    {
        await _engine.Consumers.RegisterAsync(_events, "ladder", StreamTags.None).ConfigureAwait(false);
        await _engine.SettleAsync(CancellationToken.None).ConfigureAwait(false);
        var consumer = _events.Current.Consumers.Find("ladder")!;
        Check.That(_engine.Subscriptions.TryBegin(_events, consumer, _events.Current.Shards.All[0], fromIndex: 1, out _subscription) == SubscribeOutcome.Accepted);
    }

    private async ValueTask PutAsync(DataStream stream, RecordSource records)
    {
        using var outcomes = PutOutcomes.Rent(records.Count);
        await _engine.Records.AppendAsync(stream, records, outcomes).ConfigureAwait(false);
        foreach (ref var outcome in outcomes.All)
            Check.That(outcome.Status == PutStatus.Accepted);
    }

    private ValueTask ReadPage()
    {
        var snapshot = _pages.Current;
        using var reader = new ShardReader(snapshot.Log!, _engine.Keys, snapshot.Shards.All[0], fromIndex: 1, snapshot.Horizon(_engine.Time.GetUtcNow()));
        var (records, bytes) = (0, 0L);
        for (; records < Workload.PageRecords && reader.TryRead(out var record); records++)
            bytes += record.Data.Length;
        Check.That(bytes == (long)Workload.PageRecords * Workload.RecordBytes);
        return ValueTask.CompletedTask;
    }

    private async ValueTask PutAndFollowAsync()
    {
        var following = FollowAsync();
        await PutAsync(_events, _one).ConfigureAwait(false);
        await following.ConfigureAwait(false);
    }

    // An event without records may come in between, when nothing has happened for some seconds.
    private async Task FollowAsync()
    {
        while (true)
        {
            Check.That(await _subscription!.NextAsync().ConfigureAwait(false));
            using var records = _subscription.OpenEvent();
            var read = 0;
            while (records.TryRead(out var record))
                read += record.Data.Length;
            records.End();
            if (read == Workload.RecordBytes)
                return;
            Check.That(read == 0);
        }
    }

    // The first so many records of the workload.
    private sealed class RecordSource(int count) : IRecordSource
    {
        public int Count => count;

        public HashKey HashKey(int index) => Model.HashKey.Of(Workload.Keys[index]);

        public ReadOnlySpan<byte> PartitionKey(int index) => Workload.Keys[index];

        public ReadOnlySpan<byte> Data(int index) => Workload.Data[index];
    }
}
