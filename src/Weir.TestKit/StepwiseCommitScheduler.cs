using Weir.Log;

namespace Weir.TestKit;

/// <summary>Runs commits when a test says so, on its own thread: what gathers in one commit is the test's choice.</summary>
public sealed class StepwiseCommitScheduler : ICommitScheduler
{
    private readonly Lock _gate = new();
    private readonly Queue<ICommitWork> _ready = new();
    private IPacedWork? _paced;

    /// <summary>Number of logs that wait for a turn.</summary>
    public int Ready
    {
        get
        {
            lock (_gate)
                return _ready.Count;
        }
    }

    public void Schedule(ICommitWork work)
    {
        lock (_gate)
            _ready.Enqueue(work);
    }

    /// <summary>Gathering is what the test does between two turns; the log is ready at once.</summary>
    public void Gather(ICommitWork work, long gathering) => work.EndGathering(gathering);

    /// <summary>They go on before the turn ends, so that a test finds them where it expects them.</summary>
    public void Answer(IThreadPoolWorkItem answers, bool mayStay) => answers.Execute();

    /// <summary>Steps come when the test asks for them.</summary>
    public void Pace(IPacedWork work)
    {
        lock (_gate)
            _paced = work;
    }

    /// <summary>How often somebody let a moment pass.</summary>
    public int Rests { get; private set; }

    /// <summary>Counts, and nothing passes: no commit runs meanwhile.</summary>
    public void Rest(TimeSpan pause, CancellationToken cancellationToken) => Rests++;

    /// <summary>Runs one step of the work beside the commits.</summary>
    /// <returns>The pause that it asks for; null when there is nothing to do.</returns>
    public TimeSpan? RunStep()
    {
        IPacedWork? work;
        lock (_gate)
            (work, _paced) = (_paced, null);
        var pause = work?.Step();
        if (pause is not null)
            Pace(work!);
        return pause;
    }

    /// <summary>Runs steps until there is nothing to do, or until one asks for more than a moment's pause: something fails.</summary>
    public void RunSteps()
    {
        while (RunStep() is { } pause && pause < TimeSpan.FromSeconds(1))
        {
        }
    }

    /// <summary>Runs one turn; false when nobody waits for one.</summary>
    public bool RunOne()
    {
        ICommitWork? work;
        lock (_gate)
            _ready.TryDequeue(out work);
        work?.Run();
        return work is not null;
    }

    /// <summary>Runs turns until nobody waits.</summary>
    public void RunAll()
    {
        while (RunOne())
        {
        }
    }

    /// <summary>Runs turns until a task is done that depends on them.</summary>
    public async Task RunUntil(Task task)
    {
        while (!task.IsCompleted)
        {
            RunAll();
            // What a turn completed goes on elsewhere, and may bring the next turn.
            await Task.WhenAny(task, Task.Run(static () => { }));
        }

        await task;
    }

    public void Dispose()
    {
    }
}
