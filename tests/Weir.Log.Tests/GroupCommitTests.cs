using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.TestKit;

namespace Weir.Log.Tests;

/// <summary>What gathers in one commit, what waits, and what is refused: with a scheduler that runs commits when the test says so.</summary>
public sealed class GroupCommitTests
{
    private static readonly LogId Id = new(1);

    private readonly SimulatedDirectory _disk = new();
    private readonly ManualTimeProvider _time = new();
    private readonly StepwiseCommitScheduler _scheduler = new();

    [Fact]
    public async Task Everything_that_gathered_is_one_write_and_one_fsync()
    {
        var log = await OpenAsync(new LogOptions());
        var first = log.AppendAsync(1, "warms up");
        _scheduler.RunAll();
        await first;
        var changes = _disk.Changes;
        var appends = Enumerable.Range(0, 50).Select(i => log.AppendAsync(i % 5, $"{i}")).ToArray();
        Assert.True(_scheduler.RunOne());
        Assert.Equal(changes + 2, _disk.Changes);
        foreach (var append in appends)
            Assert.Equal(AppendOutcome.Appended, (await append).Outcome);
        using var reader = log.OpenReader(0, 1);
        Assert.True(reader.TryRead(out var frame));
        Assert.Equal(10, frame.Count);
    }

    [Fact]
    public async Task Nothing_is_visible_before_its_commit()
    {
        var log = await OpenAsync(new LogOptions());
        var append = log.AppendAsync(1, "a");
        Assert.Empty(log.ReadAll(1));
        Assert.Equal(1, log.GetShard(1).NextIndex);
        Assert.False(append.IsCompleted);
        _scheduler.RunAll();
        await append;
        Assert.Single(log.ReadAll(1));
    }

    [Fact]
    public async Task A_commit_wakes_a_waiting_reader_once_and_shows_it_everything()
    {
        var log = await OpenAsync(new LogOptions());
        var change = log.WaitForChangeAsync(1, 1, TestContext.Current.CancellationToken);
        // Several frames of the shard in one commit, and its end.
        var appends = Enumerable.Range(0, 5).Select(_ => log.AppendAsync(1, new string('x', 300_000))).ToArray();
        var end = log.CloseShardAsync(1);
        Assert.False(change.IsCompleted);
        Assert.True(_scheduler.RunOne());
        await change;
        Assert.Equal(5, log.ReadAll(1).Count);
        Assert.NotNull(log.GetShard(1).ClosedAt);
        await end;
        await Task.WhenAll(appends);
    }

    [Fact]
    public async Task A_refused_commit_wakes_nobody()
    {
        var log = await OpenAsync(new LogOptions());
        var change = log.WaitForChangeAsync(1, 1, TestContext.Current.CancellationToken);
        _disk.FailNext(SimulatedCall.Write, new StorageFullException("the file"));
        var append = log.AppendAsync(1, "a");
        _scheduler.RunAll();
        Assert.Equal(AppendOutcome.StorageFull, (await append).Outcome);
        Assert.False(change.IsCompleted);
        append = log.AppendAsync(1, "a");
        _scheduler.RunAll();
        Assert.Equal(AppendOutcome.Appended, (await append).Outcome);
        await change;
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_takes_appends_again_after_a_commit()
    {
        var log = await OpenAsync(new LogOptions { QueueBytes = 4096 });
        var waiting = new List<Task<AppendBlock>>();
        Task<AppendBlock> last;
        while (!(last = log.AppendAsync(1, new string('x', 500))).IsCompleted)
            waiting.Add(last);
        Assert.Equal(AppendOutcome.QueueFull, (await last).Outcome);
        Assert.InRange(waiting.Count, 4, 8);
        _scheduler.RunAll();
        foreach (var append in waiting)
            Assert.Equal(AppendOutcome.Appended, (await append).Outcome);
        last = log.AppendAsync(1, "fits again");
        Assert.False(last.IsCompleted);
        _scheduler.RunAll();
        Assert.Equal(waiting.Count + 1, (await last).FirstIndex);
    }

    [Fact]
    public async Task An_append_larger_than_the_queue_passes_when_nothing_waits()
    {
        var log = await OpenAsync(new LogOptions { QueueBytes = 4096 });
        var large = log.AppendAsync(1, new string('x', 10_000));
        Assert.Equal(AppendOutcome.QueueFull, (await log.AppendAsync(1, "behind")).Outcome);
        _scheduler.RunAll();
        Assert.Equal(AppendOutcome.Appended, (await large).Outcome);
    }

    [Fact]
    public async Task All_logs_together_hold_no_more_than_the_stores_bound()
    {
        var store = Store(new LogOptions { QueueBytes = 4096, TotalQueueBytes = 4096 });
        var one = await store.OpenAsync(new LogId(1), CancellationToken.None);
        var two = await store.OpenAsync(new LogId(2), CancellationToken.None);
        var waits = one.AppendAsync(1, new string('x', 3500));
        Assert.Equal(AppendOutcome.QueueFull, (await two.AppendAsync(1, new string('x', 3500))).Outcome);
        _scheduler.RunAll();
        await waits;
        Assert.False(two.AppendAsync(1, new string('x', 3500)).IsCompleted);
        _scheduler.RunAll();
    }

    [Fact]
    public async Task Logs_take_turns()
    {
        var store = Store(new LogOptions { QueueBytes = 64 * 1024 * 1024 });
        var busy = await store.OpenAsync(new LogId(1), CancellationToken.None);
        var quiet = await store.OpenAsync(new LogId(2), CancellationToken.None);
        var large = Enumerable.Range(0, 6).Select(_ => busy.AppendAsync(1, new string('x', 5_000_000))).ToArray();
        var small = quiet.AppendAsync(1, "small");
        Assert.True(_scheduler.RunOne());
        Assert.True(_scheduler.RunOne());
        // The busy log wrote what fits one commit and queued up again, behind the quiet one.
        Assert.Equal(2, quiet.GetShard(1).NextIndex);
        Assert.Equal(2, busy.GetShard(1).NextIndex);
        Assert.Equal(1, _scheduler.Ready);
        _scheduler.RunAll();
        await small;
        Assert.Equal(7, (await large[^1]).FirstIndex + 1);
    }

    [Fact]
    public async Task Interval_acknowledges_after_the_write_and_fsyncs_when_the_time_has_come()
    {
        var log = await OpenAsync(new LogOptions { Durability = Durability.Interval(TimeSpan.FromMilliseconds(100)) });
        var append = log.AppendAsync(1, "a");
        _scheduler.RunAll();
        await append;
        var changes = _disk.Changes;
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(_scheduler.RunOne());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(_scheduler.RunOne());
        Assert.Equal(changes + 1, _disk.Changes);
        _disk.Crash();
        var reopened = await Store(new LogOptions()).OpenAsync(Id, CancellationToken.None);
        Assert.Equal(["a"], reopened.ReadAll(1).Texts());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(_scheduler.RunOne());
    }

    [Fact]
    public async Task A_failed_interval_fsync_latches()
    {
        var log = await OpenAsync(new LogOptions { Durability = Durability.Interval(TimeSpan.FromMilliseconds(100)) });
        var append = log.AppendAsync(1, "a");
        _scheduler.RunAll();
        await append;
        _disk.FailNext(SimulatedCall.Sync, new IOException("bad sector"));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _scheduler.RunAll();
        Assert.Equal("bad sector", log.Failure!.Message);
    }

    [Fact]
    public async Task Os_fsyncs_only_at_the_end()
    {
        var log = await OpenAsync(new LogOptions { Durability = Durability.Os });
        var first = log.AppendAsync(1, "a");
        _scheduler.RunAll();
        await first;
        var changes = _disk.Changes;
        var second = log.AppendAsync(1, "b");
        _scheduler.RunAll();
        await second;
        Assert.Equal(changes + 1, _disk.Changes);
        await _scheduler.RunUntil(log.DisposeAsync().AsTask());
        _disk.Crash();
        var reopened = await Store(new LogOptions()).OpenAsync(Id, CancellationToken.None);
        Assert.Equal(["a", "b"], reopened.ReadAll(1).Texts());
    }

    [Fact]
    public async Task Tail_memory_stays_within_its_bound_and_serves_without_the_disk()
    {
        var log = await OpenAsync(new LogOptions { TailBytes = 100_000 });
        for (var i = 0; i < 100; i++)
        {
            var append = log.AppendAsync(1, new string('x', 4000));
            _scheduler.RunAll();
            await append;
        }

        var tail = ((SegmentedLog)log).TailBytes;
        Assert.InRange(tail, 50_000, 100_000);
        _disk.FailNext(SimulatedCall.Read, new IOException("the disk was read"));
        Assert.Equal(10, log.ReadAll(1, 91).Count);
        Assert.Throws<LogUnreadableException>(() => log.ReadAll(1));
        await _scheduler.RunUntil(log.DisposeAsync().AsTask());
        Assert.Equal(0, ((SegmentedLog)log).TailBytes);
    }

    [Fact]
    public async Task Commits_and_refusals_are_measured()
    {
        var seen = new Dictionary<string, double>();
        using var meters = new SingleMeterFactory();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter, meters.Meter))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = seen.GetValueOrDefault(instrument.Name) + value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        var store = new SegmentedLogStore(_disk, new LogOptions { QueueBytes = 1024 }, _time, NullLoggerFactory.Instance, _scheduler, meters);
        var log = await store.OpenAsync(Id, CancellationToken.None);
        var append = log.AppendAsync(1, new string('x', 900));
        await log.AppendAsync(1, new string('x', 900));
        _scheduler.RunAll();
        await append;
        Assert.Equal(1, seen["weir.log.queue_full"]);
        Assert.InRange(seen["weir.log.commit.size"], 900, 1000);
        Assert.Contains("weir.log.commit.duration", seen.Keys);
        _disk.FailNext(SimulatedCall.Write, new StorageFullException("the file"));
        append = log.AppendAsync(1, "a");
        _scheduler.RunAll();
        await append;
        Assert.Equal(1, seen["weir.log.storage_full"]);

        await _scheduler.RunUntil(log.TrimAsync(_time.GetUtcNow() + TimeSpan.FromDays(1), CancellationToken.None));
        listener.RecordObservableInstruments();
        Assert.InRange(seen["weir.log.discarded"], 900, 2000);
        seen.Clear();
        _scheduler.RunSteps();
        listener.RecordObservableInstruments();
        Assert.Equal(0, seen["weir.log.discarded"]);
    }

    [Fact]
    public async Task A_held_frame_outlives_its_place_in_the_tail()
    {
        var log = await OpenAsync(new LogOptions { TailBytes = 10_000 });
        var append = log.AppendAsync(1, new string('a', 4000));
        _scheduler.RunAll();
        await append;
        using var reader = log.OpenReader(1, 1);
        Assert.True(reader.TryRead(out var held));
        for (var i = 0; i < 20; i++)
        {
            var next = log.AppendAsync(1, new string('b', 4000));
            _scheduler.RunAll();
            await next;
        }

        Assert.Equal(4000, held.Records.Span[sizeof(int)..].Count((byte)'a'));
        Assert.Equal(20, reader.ReadRest().Count(record => record.Text == new string('b', 4000)));
    }

    private Task<IRecordLog> OpenAsync(LogOptions options) => Store(options).OpenAsync(Id, CancellationToken.None);

    private SegmentedLogStore Store(LogOptions options) => new(_disk, options, _time, NullLoggerFactory.Instance, _scheduler);

    private sealed class SingleMeterFactory : IMeterFactory
    {
        public Meter? Meter { get; private set; }

        public Meter Create(MeterOptions options) => Meter ??= new Meter(options);

        public void Dispose() => Meter?.Dispose();
    }
}
