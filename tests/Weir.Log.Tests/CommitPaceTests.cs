using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Storage;
using Weir.TestKit;

namespace Weir.Log.Tests;

/// <summary>When a commit is worth its fsync, and that whoever waits for company does not wait long.</summary>
public sealed class CommitPaceTests
{
    private static readonly LogId Id = new(1);

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(5, 0, 1)]
    [InlineData(16, 0, 5)]
    [InlineData(16, 16, 10)]
    [InlineData(1, 31, 10)]
    public void A_third_of_those_who_wait_or_were_answered_are_enough(int answered, int waiting, int enough)
    {
        var pace = new CommitPace(gathers: true);
        pace.Committed(answered, waiting);
        Assert.True(pace.IsEnough(new QueueLevel(enough, 0, HasWish: false)));
        Assert.False(pace.IsEnough(new QueueLevel(enough - 1, 0, HasWish: false)));
    }

    [Fact]
    public void Many_bytes_and_wishes_of_the_owner_are_enough_alone()
    {
        var pace = new CommitPace(gathers: true);
        pace.Committed(100, 100);
        Assert.False(pace.IsEnough(new QueueLevel(1, 1000, HasWish: false)));
        Assert.True(pace.IsEnough(new QueueLevel(1, 512 * 1024, HasWish: false)));
        Assert.True(pace.IsEnough(new QueueLevel(1, 0, HasWish: true)));
    }

    [Fact]
    public void Without_an_fsync_for_each_commit_nobody_waits()
    {
        var pace = new CommitPace(gathers: false);
        pace.Committed(100, 100);
        Assert.True(pace.IsEnough(new QueueLevel(1, 1, HasWish: false)));
    }

    [Fact]
    public async Task Whoever_is_left_alone_is_committed_all_the_same()
    {
        // Sixteen at a time make the log expect company; then one comes alone, which only the clock of the scheduler sends on its way.
        using var directory = new TemporaryDirectory();
        await using var store = new SegmentedLogStore(new PhysicalDirectory(directory.Path), new LogOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        var log = await store.OpenAsync(Id, TestContext.Current.CancellationToken);
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 16).Select(i => log.AppendAsync(i % 4, $"{round}-{i}")));
            Assert.Equal(AppendOutcome.Appended, (await log.AppendAsync(5, $"{round}")).Outcome);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), log.ReadAll(5).Texts());
        // A log that expects company closes a shard, and itself, without it.
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => log.AppendAsync(i % 4, $"{i}")));
        Assert.NotNull((await log.CloseShardAsync(5)).ClosedAt);
    }

    [Fact]
    public async Task A_gathering_that_the_scheduler_ends_late_ends_no_other()
    {
        var scheduler = new HeldScheduler();
        await using var store = new SegmentedLogStore(new SimulatedDirectory(), new LogOptions(), new ManualTimeProvider(), NullLoggerFactory.Instance, scheduler);
        var log = await store.OpenAsync(Id, TestContext.Current.CancellationToken);
        var first = Enumerable.Range(0, 18).Select(i => log.AppendAsync(0, $"{i}")).ToArray();
        scheduler.RunAll();
        await Task.WhenAll(first);

        // A third of eighteen is six.
        var lone = log.AppendAsync(0, "lone");
        var stale = Assert.Single(scheduler.Gathering);
        Assert.Empty(scheduler.Ready);
        var company = Enumerable.Range(0, 5).Select(i => log.AppendAsync(0, $"company {i}")).ToArray();
        Assert.Single(scheduler.Ready);
        scheduler.RunAll();
        await Task.WhenAll([lone, .. company]);

        // A third of six is two: the next gathers again, under a number of its own.
        var next = log.AppendAsync(0, "next");
        Assert.Equal(2, scheduler.Gathering.Count);
        stale.Work.EndGathering(stale.Gathering);
        Assert.Empty(scheduler.Ready);
        scheduler.EndGatherings();
        Assert.Single(scheduler.Ready);
        scheduler.RunAll();
        Assert.Equal(AppendOutcome.Appended, (await next).Outcome);
        scheduler.RunsAtOnce = true;
    }

    /// <summary>Keeps turns and gatherings for the test to run and to end.</summary>
    private sealed class HeldScheduler : ICommitScheduler
    {
        public Queue<ICommitWork> Ready { get; } = new();

        public List<(ICommitWork Work, long Gathering)> Gathering { get; } = [];

        public bool RunsAtOnce { get; set; }

        public void Schedule(ICommitWork work)
        {
            Ready.Enqueue(work);
            if (RunsAtOnce)
                RunAll();
        }

        public void Gather(ICommitWork work, long gathering) => Gathering.Add((work, gathering));

        public void Answer(IThreadPoolWorkItem answers, bool mayStay) => answers.Execute();

        public void Pace(IPacedWork work)
        {
            // Nothing is trimmed here.
        }

        public void Rest(TimeSpan pause, CancellationToken cancellationToken)
        {
        }

        public void RunAll()
        {
            while (Ready.TryDequeue(out var work))
                work.Run();
        }

        public void EndGatherings() => Gathering.ForEach(each => each.Work.EndGathering(each.Gathering));

        public void Dispose()
        {
        }
    }
}
