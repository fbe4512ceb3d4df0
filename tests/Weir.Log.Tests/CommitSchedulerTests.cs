namespace Weir.Log.Tests;

/// <summary>Where those go on whose appends were committed: on the thread that committed, on the pool, and never before the turn has ended.</summary>
public sealed class CommitSchedulerTests
{
    // As many groups as the scheduler answers itself; the others are the pool's.
    private const int InPlace = 2;

    [Fact]
    public async Task The_first_answers_go_on_after_the_turn_on_its_thread_and_the_others_on_the_pool()
    {
        using var scheduler = new CommitScheduler();
        var turn = new AnsweringTurn(scheduler, mayStay: true, answers: InPlace + 3);
        scheduler.Schedule(turn);
        await Task.WhenAll(turn.Answers.Select(answer => answer.Done.Task)).WaitAsync(TestContext.Current.CancellationToken);
        Assert.All(turn.Answers[..InPlace], answer =>
        {
            Assert.Same(turn.Thread, answer.Thread);
            Assert.True(answer.TurnHadEnded);
        });
        Assert.All(turn.Answers[InPlace..], answer => Assert.True(answer.WasOnPool));
    }

    [Fact]
    public async Task A_turn_answers_only_what_is_its_own()
    {
        using var scheduler = new CommitScheduler();
        for (var i = 0; i < 20; i++)
        {
            var turn = new AnsweringTurn(scheduler, mayStay: true, answers: InPlace);
            scheduler.Schedule(turn);
            await Task.WhenAll(turn.Answers.Select(answer => answer.Done.Task)).WaitAsync(TestContext.Current.CancellationToken);
            Assert.All(turn.Answers, answer => Assert.Same(turn.Thread, answer.Thread));
        }
    }

    [Fact]
    public async Task Answers_that_may_not_stay_are_the_pool_s()
    {
        using var scheduler = new CommitScheduler();
        var turn = new AnsweringTurn(scheduler, mayStay: false, answers: 2);
        scheduler.Schedule(turn);
        await Task.WhenAll(turn.Answers.Select(answer => answer.Done.Task)).WaitAsync(TestContext.Current.CancellationToken);
        Assert.All(turn.Answers, answer => Assert.True(answer.WasOnPool));
    }

    [Fact]
    public async Task Who_goes_on_in_place_may_end_the_scheduler()
    {
        // Disposed by the answer.
        var scheduler = new CommitScheduler();
        var turn = new AnsweringTurn(scheduler, mayStay: true, answers: 1, scheduler.Dispose);
        scheduler.Schedule(turn);
        await turn.Answers[0].Done.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Throws<ObjectDisposedException>(() => scheduler.Schedule(turn));
    }

    [Fact]
    public void Appends_stay_only_when_their_callers_said_so_and_their_answers_are_short()
    {
        using var scheduler = new RecordingScheduler();
        var work = new[] { Append(100, inPlace: true), Append(100, inPlace: true), Append(100, inPlace: false), Append(100_000, inPlace: true), Append(100, inPlace: true) };
        CompletedAppends.Complete([.. work.Select(QueuedWork.Of)], scheduler);
        Assert.Equal([true, false, false, true], scheduler.Answers.Select(answer => answer.MayStay));
        foreach (var (answers, _) in scheduler.Answers)
            answers.Execute();
        Assert.All(work, batch => Assert.True(batch.AsTask().IsCompleted));
    }

    [Fact]
    public void A_batch_that_is_rented_again_says_nothing_of_its_answer()
    {
        for (var i = 0; i < 300; i++)
        {
            using var batch = AppendBatch.Rent(1);
            Assert.False(batch.AnsweredInPlace);
            batch.AnsweredInPlace = true;
        }
    }

    private static AppendBatch Append(int bytes, bool inPlace)
    {
        var batch = AppendBatch.Rent(bytes + AppendBatch.RecordPrefixBytes);
        batch.BeginBlock(0);
        batch.AddRecord(bytes).Clear();
        batch.AnsweredInPlace = inPlace;
        return batch;
    }

    private sealed class AnsweringTurn : ICommitWork
    {
        private readonly CommitScheduler _scheduler;
        private readonly bool _mayStay;
        private bool _ended;

        public AnsweringTurn(CommitScheduler scheduler, bool mayStay, int answers, Action? then = null)
        {
            (_scheduler, _mayStay) = (scheduler, mayStay);
            Answers = [.. Enumerable.Range(0, answers).Select(_ => new Answer(this, then))];
        }

        public Answer[] Answers { get; }

        public Thread? Thread { get; private set; }

        public void Run()
        {
            Thread = Thread.CurrentThread;
            foreach (var answer in Answers)
                _scheduler.Answer(answer, _mayStay);
            Volatile.Write(ref _ended, true);
        }

        public void EndGathering(long gathering)
        {
        }

        public sealed class Answer(AnsweringTurn turn, Action? then) : IThreadPoolWorkItem
        {
            public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public Thread? Thread { get; private set; }

            public bool WasOnPool { get; private set; }

            public bool TurnHadEnded { get; private set; }

            public void Execute()
            {
                (Thread, WasOnPool, TurnHadEnded) = (Thread.CurrentThread, Thread.CurrentThread.IsThreadPoolThread, Volatile.Read(ref turn._ended));
                then?.Invoke();
                Done.SetResult();
            }
        }
    }

    private sealed class RecordingScheduler : ICommitScheduler
    {
        public List<(IThreadPoolWorkItem Answers, bool MayStay)> Answers { get; } = [];

        public void Schedule(ICommitWork work) => throw new NotSupportedException();

        public void Gather(ICommitWork work, long gathering) => throw new NotSupportedException();

        public void Answer(IThreadPoolWorkItem answers, bool mayStay) => Answers.Add((answers, mayStay));

        public void Pace(IPacedWork work) => throw new NotSupportedException();

        public void Rest(TimeSpan pause, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
