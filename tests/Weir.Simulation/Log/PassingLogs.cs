using Weir.Log;
using Weir.TestKit;

namespace Weir.Simulation.Log;

/// <summary>Logs beside the one under test, which come, take a few records, and go; any call of it may be the last before the power does.</summary>
internal sealed class PassingLogs(Random random, LogId underTest)
{
    private readonly HashSet<LogId> _deleted = [];
    private long _lastId = underTest.Value;

    /// <param name="store">The store of this life.</param>
    /// <param name="wait">Waits for a task; false when the disk failed it.</param>
    public void ComeAndGo(SegmentedLogStore store, Func<Task, bool> wait)
    {
        var id = new LogId(++_lastId);
        var open = store.OpenAsync(id, CancellationToken.None);
        if (!wait(open))
            return;
        for (var i = random.Next(4); i > 0; i--)
            wait(open.Result.AppendAsync(0, new string('x', random.Next(3000))));
        if (wait(open.Result.DisposeAsync().AsTask()) && wait(store.DeleteAsync(id, CancellationToken.None)))
            _deleted.Add(id);
    }

    /// <summary>What was deleted stays so. What was on its way is deleted again, as its owner does.</summary>
    public void CheckRestart(SegmentedLogStore store, Func<Task, bool> wait)
    {
        foreach (var id in store.List().Where(id => id != underTest))
        {
            if (!_deleted.Add(id))
                throw new SimulationException($"Log {id} was deleted and is there again.");
            if (!wait(store.DeleteAsync(id, CancellationToken.None)))
                throw new SimulationException($"Log {id} cannot be deleted on a disk that is well.");
        }
    }
}
